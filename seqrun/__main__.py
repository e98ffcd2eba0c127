"""The `seqrun` command, also as `python -m seqrun`."""

import os
import signal
import sys
from contextlib import suppress
from types import FrameType

ENDED_BY_SIGNAL = (129, 130, 143)


def _leave(number: int, frame: FrameType | None) -> None:
    """End the process at once, in a word: nothing has begun yet."""
    try:
        os.write(2, b"\ninterrupted\n")
    finally:  # the terminal may be gone
        os._exit(128 + number)


def main() -> None:
    """Run the command; a signal that comes while it is being imported ends it without a traceback."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup sets it
            signal.signal(number, _leave)
    from seqrun.cli import main as command
    from seqrun.machine.optional import leave_out_optional

    leave_out_optional()

    try:
        command()
    except SystemExit as end:
        if end.code in ENDED_BY_SIGNAL:  # threads that compile still run, and tearing them down can abort the process
            for stream in (sys.stdout, sys.stderr):
                with suppress(OSError, ValueError):  # closed, or full: told already
                    stream.flush()
            os._exit(int(end.code))
        raise


if __name__ == "__main__":
    main()
