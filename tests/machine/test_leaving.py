"""A signal that comes as a process is leaving anyway."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import os, signal, threading
from seqrun.machine.signals import StopSignals

joined = threading.Thread.join
threading.Thread.join = lambda self: (os.kill(os.getpid(), signal.SIGINT), joined(self))
with StopSignals().installed():
    pass
"""


def test_a_signal_while_the_handlers_are_taken_down_shows_no_traceback():
    ended = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr.strip()) == (130, "interrupted (Ctrl-C)")
