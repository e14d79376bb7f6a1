"""`python -m core.train` and `torchrun -m core.train`."""

from core.train.command import main

if __name__ == "__main__":
    raise SystemExit(main())
