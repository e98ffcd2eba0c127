"""Damage to files, as disks, editors and attackers do it."""

from __future__ import annotations

from random import Random

# What readers stumble over: ends of numbers, nesting, quoting, NUL, bytes that are no UTF-8, very long numbers.
ODD = (
    b"",
    b"\x00",
    b"\xff\xfe",
    b"\xf0\x9f\x92\xa9",
    b"\xe2\x80\xae",
    b"\x1b[2J",
    b"\r",
    b"\n\n",
    b'"',
    b"'",
    b",,,",
    b"\t",
    b"[" * 5000,
    b"[" * 400 + b"]" * 400,
    b'{"a":' * 2000,
    b"9" * 5000,
    b"-1",
    b"1e999",
    b"1e9",
    b"NaN",
    b"null",
    b"\xff\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\x00\x00\x00\x80",
)
MOST_CHANGES = 6


def mutated(content: bytes, random: Random) -> bytes:
    """Return the bytes with one to six changes: bits flipped, bytes set, parts cut, doubled, moved or put between."""
    data = bytearray(content)
    for _ in range(random.randint(1, MOST_CHANGES)):
        _change(data, random)
    return bytes(data)


def _change(data: bytearray, random: Random) -> None:
    start = random.randint(0, len(data))
    stop = min(len(data), start + random.choice((1, 1, 2, 4, 8, 64, len(data))))
    match random.choice(("flip", "flip", "set", "cut", "double", "move", "odd", "odd", "end")):
        case "flip" if start < stop:
            data[start] ^= 1 << random.randrange(8)
        case "set" if start < stop:
            data[start] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
        case "cut":
            del data[start:stop]
        case "double":
            data[start:start] = data[start:stop]
        case "move":
            part = data[start:stop]
            del data[start:stop]
            place = random.randint(0, len(data))
            data[place:place] = part
        case "odd":
            part = random.choice(ODD)
            data[start : start + len(part) * random.randrange(2)] = part
        case "end":
            del data[start:]
