"""``python -m automask``: the command line."""

from automask.cli import main

if __name__ == "__main__":
    main()
