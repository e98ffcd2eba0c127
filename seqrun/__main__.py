"""`python -m seqrun` is the `seqrun` command."""

from seqrun.cli import main

if __name__ == "__main__":
    main()
