"""The mutator changes what it is given, in many ways, and the same way again from the same seed."""

from __future__ import annotations

from random import Random

from fuzz.mutate import mutated

FILE = b"time,value\n" + b"2026-01-01,1.5\n" * 20


def test_one_seed_gives_one_file():
    assert [mutated(FILE, Random(seed)) for seed in range(50)] == [mutated(FILE, Random(seed)) for seed in range(50)]


def test_most_files_differ_from_the_whole_one_and_from_each_other():
    files = {mutated(FILE, Random(seed)) for seed in range(200)}
    assert len(files - {FILE}) > 180


def test_nothing_can_be_damaged_too():
    assert all(isinstance(mutated(b"", Random(seed)), bytes) for seed in range(50))
