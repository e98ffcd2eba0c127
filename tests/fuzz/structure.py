"""Damage to what a file means: values of JSON and cells of CSV that are whole, but odd."""

from __future__ import annotations

import csv
import io
import json
from copy import deepcopy
from random import Random
from typing import Any

ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    -0.0,
    1e308,
    -1e308,
    2**63,
    10**400,
    float("nan"),
    float("inf"),
    "",
    "x",
    "name",
    "\x00",
    "\ud800",
    "\x1b[2J",
    "../../../etc/passwd",
    "9" * 5000,
    "y" * 100_000,
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"name": 5},
    {"name": {"name": []}},
    {f"key_{number}": number for number in range(2000)},
    [1.0] * 2000,
)
ODD_CELLS = (
    *("", "x", "inf", "-inf", "nan", "1e999", "-1", "1.5", "1e300", "9" * 400),
    *("z" * 200_000, "\x00", '"', "٣", "0x1"),
)
DEPTHS = (90, 500, 50_000)


def odd_json(content: bytes, random: Random) -> bytes:
    """Return JSON with one to three values replaced by odd ones, removed, renamed, doubled or swapped."""
    value = json.loads(content)
    for _ in range(random.randint(1, 3)):
        value = _changed(value, random)
    text = json.dumps(value, ensure_ascii=True)
    if random.random() < 0.05:  # json.dumps cannot nest so deep
        depth = random.choice(DEPTHS)
        text = text.replace("null", "[" * depth + "]" * depth, 1)
    return text.encode()


def _changed(value: Any, random: Random) -> Any:
    """Return the value with one change somewhere in it."""
    places = list(_places(value))
    if not places or random.random() < 0.02:
        return deepcopy(random.choice(ODD_VALUES))
    holder, key = random.choice(places)
    match random.choice(("odd", "odd", "odd", "remove", "rename", "swap", "wrap")):
        case "odd":
            holder[key] = deepcopy(random.choice(ODD_VALUES))
        case "remove":
            del holder[key]
        case "rename" if isinstance(holder, dict):
            holder[random.choice(("", "name", "epoch", f"{key}_", f"{key}.{key}"))] = holder.pop(key)
        case "swap":
            other, elsewhere = random.choice(places)
            holder[key], other[elsewhere] = deepcopy(other[elsewhere]), deepcopy(holder[key])
        case "wrap":
            holder[key] = random.choice(([holder[key]], {"name": holder[key]}, str(holder[key])))
    return value


def _places(value: Any) -> Any:
    """Yield every list or object in the value with each of its keys."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def odd_csv(content: bytes, random: Random) -> bytes:
    """Return CSV with one to four cells replaced by odd ones, or rows and columns removed, doubled or moved."""
    rows = list(csv.reader(io.StringIO(content.decode())))
    for _ in range(random.randint(1, 4)):
        row = random.choice(rows)
        place = random.randrange(len(row)) if row else 0
        match random.choice(("cell", "cell", "cell", "shorter", "double", "move", "none")):
            case "cell" if row:
                row[place] = random.choice(ODD_CELLS)
            case "shorter" if row:
                del row[place]
            case "double":
                rows.append(list(row))
            case "move":
                random.shuffle(rows)
            case "none" if len(rows) > 1:
                rows.remove(row)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()
