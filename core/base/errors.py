"""What can go wrong through no fault of the program, each in one sentence a person can act on."""


class InputError(ValueError):
    """Something given by the user cannot be used. The message says what is wrong and what to do.

    The command line prints it and exits with 2; the windows show it in place.
    """


class DataError(InputError):
    """A data file is missing, damaged, truncated or of another kind. The message names the file."""


class ModelError(InputError):
    """A model file is missing, damaged, or not one of ours. The message names the file and the reason."""


class FailureError(RuntimeError):
    """The work was right but could not be done (no network, full disk, no camera). Exit code 1."""
