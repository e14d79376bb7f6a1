"""`python -m core.train` and `torchrun -m core.train`."""

if __name__ == "__main__":
    # Imported only here: processes that make scenes import this module, and need no torch.
    from core.train.command import main

    raise SystemExit(main())
