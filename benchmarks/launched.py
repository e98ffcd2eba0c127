"""Runs a command and tells its seconds, its peak of resident memory and its exit code, as a line of JSON.

    python -I -S launched.py COMMAND...

A small process of its own: Linux counts towards a process' peak what its parent held when it was started, so that a
command started by a large one seems as large. What the command prints goes to standard error.
"""

import json
import os
import subprocess
import sys
import time

PER_MB = 2**20 if sys.platform == "darwin" else 2**10  # of what ru_maxrss counts in

if __name__ == "__main__":
    started = time.perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdout=2)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    print(json.dumps({"seconds": seconds, "mb": usage.ru_maxrss / PER_MB, "code": code}))
