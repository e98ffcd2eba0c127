"""Ctrl-C, SIGTERM and SIGHUP: the run stops at once where nothing is lost, else after a checkpoint.

Python runs a signal's handler between two of its own instructions, which may be a minute away while TensorFlow compiles
or scikit-learn fits. So a thread listens, too: it answers at once, and a second signal ends the process from there.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from seqrun.errors import InterruptedRun, SeqrunError

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# An exception that appears in the midst of these ends in a crash of their C++ code, or in a module half imported.
UNBREAKABLE = frozenset({"tensorflow", "keras", "h5py", "importlib"})

ANSWER_SECONDS = 0.2  # what notices a signal within this time needs no answer
LEAVE_SECONDS = 1.0  # for what has to be left in good order after a second signal
RETRY_SECONDS = 0.05  # between two looks at whether the process is still within one of the UNBREAKABLE


_stderr = 2  # the file descriptor on which signals are answered


@contextmanager
def answered_on(descriptor: int) -> Iterator[None]:
    """Answer signals on this file descriptor inside the block, in which standard error is held back."""
    global _stderr
    _stderr = descriptor
    try:
        yield
    finally:
        _stderr = 2


def _answer(text: str) -> None:
    with suppress(OSError):  # the terminal may be gone
        os.write(_stderr, f"{text}\n".encode())


def leave_at_once(number: int, frame: FrameType | None = None) -> None:
    """End the process without cleaning up: a signal's handler for when there is nothing to keep."""
    show_cursor = "\x1b[?25h" if os.isatty(_stderr) else ""  # a live view has hidden it
    _answer(f"{show_cursor}\n{InterruptedRun(number)}")
    os._exit(128 + number)


def handled() -> list[signal.Signals]:
    """Return the signals to be handled: all that stop a process, but those which it was started to ignore (nohup)."""
    return [number for number in STOPPING if signal.getsignal(number) is not signal.SIG_IGN]


def breakable(frame: FrameType | None) -> bool:
    """Return whether an exception may be raised here: in no function that one of the UNBREAKABLE is waiting for."""
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] in UNBREAKABLE:
            return False
        frame = frame.f_back
    return True


def _next_signal(reader: int, seconds: float | None = None) -> int | None:
    """Return the number of the next signal that stops a process; None when the other end of the pipe is closed.

    When these seconds have passed, it is SIGALRM. That one comes through the pipe, too, and is passed over.
    """
    until = None if seconds is None else time.monotonic() + seconds
    while True:
        left = None if until is None else max(0.0, until - time.monotonic())
        if not select.select([reader], [], [], left)[0]:
            return signal.SIGALRM
        number = os.read(reader, 1)
        if not number:
            return None
        if number[0] in STOPPING:
            return number[0]


class StopSignals:
    """Turns the first signal into InterruptedRun, as soon as the process is not within a library that would crash.

    While held, it only remembers the first, and the second interrupts. If it `may_leave`, the process ends at the
    second one even if nothing answers it; a process that is not only there for the run (a notebook's) is never ended.
    """

    def __init__(self, *, may_leave: bool = True) -> None:
        self.may_leave = may_leave
        self.received: int | None = None
        self.doing = "what is being computed"  # what a first signal has to wait for, in words
        self.say: Callable[[str], None] = _answer
        self._holding = self._keeping = False
        self._noticed = threading.Event()

    @contextmanager
    def installed(self) -> Iterator[StopSignals]:
        """Catch the signals inside the block; other threads than the main one cannot, and leave them as they are."""
        if threading.current_thread() is not threading.main_thread():
            yield self
            return
        previous = {number: signal.signal(number, self._handle) for number in handled()}
        previous[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._retry)
        hook, sys.unraisablehook = sys.unraisablehook, self._silent(sys.unraisablehook)
        try:
            with self._watched():
                yield self
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            sys.unraisablehook = hook
            for number, handler in previous.items():
                signal.signal(number, handler)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Only remember a first signal inside the block; the code there calls `check`, and stops in good order."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        self.check()  # it may have come after the last look

    @contextmanager
    def nothing_to_keep(self) -> Iterator[None]:
        """End the process at once if a signal comes inside the block, as libraries are imported that swallow errors."""
        self._keeping = False
        yield
        self._keeping = True

    def check(self) -> None:
        """Raise InterruptedRun if a signal has come."""
        if self.received is not None:
            self._noticed.set()
            raise InterruptedRun(self.received)

    def cause_of(self, error: BaseException) -> BaseException:
        """Return InterruptedRun in place of an error that a library made of it, else the error."""
        if self.received is None or isinstance(error, SeqrunError) or not isinstance(error, Exception):
            return error
        return InterruptedRun(self.received)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        again = self.received is not None
        self.received = number
        if not self._keeping and self.may_leave:
            leave_at_once(number)
        if again or not self._holding:
            self._retry(signal.SIGALRM, frame)

    def _retry(self, _: int, frame: FrameType | None) -> None:
        """Raise InterruptedRun, now or after a while."""
        if breakable(frame):
            self.check()
        else:
            signal.setitimer(signal.ITIMER_REAL, RETRY_SECONDS)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Answer signals from a thread of its own, which the system wakes up whatever the main thread does."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        former = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        thread = threading.Thread(target=self._watch, args=(reader,), name="seqrun-signals", daemon=True)
        thread.start()
        self._keeping = True
        try:
            yield
        finally:
            self._keeping = False  # raised from here on, it would be nobody's to catch
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.set_wakeup_fd(former)
            os.close(writer)
            thread.join()
            os.close(reader)

    def _watch(self, reader: int) -> None:
        """Read the numbers of signals as they come, until the other end is closed."""
        if _next_signal(reader) is None:
            return
        if not self._noticed.wait(ANSWER_SECONDS):
            self.say(f"stops after {self.doing}{'; again to leave now' if self.may_leave else ''}")
        if not self.may_leave:
            return
        if (again := _next_signal(reader)) is not None and _next_signal(reader, LEAVE_SECONDS) is not None:
            leave_at_once(again)

    @staticmethod
    def _silent(hook: Callable[[sys.UnraisableHookArgs], object]) -> Callable[[sys.UnraisableHookArgs], object]:
        """Return the hook without a word about a stop that came while an object was being deleted: see `check`."""
        return lambda args: None if isinstance(args.exc_value, InterruptedRun) else hook(args)
