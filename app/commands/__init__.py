"""One module a command of `gnc`: `add_arguments(parser)` and `run(args) -> exit code`.

Their top-level imports stay light; what a command needs is imported inside `run`.
"""
