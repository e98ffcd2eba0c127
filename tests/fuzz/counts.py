"""How many files the fuzzers make: a hundred each in `make test`, as many as the variable FUZZ says in `make fuzz`."""

from __future__ import annotations

import os

FEW = 100


def examples() -> int:
    """Return how many mutated files a fuzzer tries."""
    return int(os.environ.get("FUZZ", FEW))
