"""Suggestions for misspelt names: the allowed name nearest to what a user wrote."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

LONGEST = 100  # characters of a name that is compared with others
MOST = 1000  # names that one is compared with: it takes a second for 10,000 of them
SHORTEST_BEGINNING = 3  # characters that stand for the name that begins with them
OTHER_NAMES = {  # what else a setting is called, in other tools
    "model": "architecture",
    "network": "architecture",
    "net": "architecture",
    "training": "trainer",
    "type": "name",
    "kind": "name",
    "class": "name",
    "lr": "learning_rate",
    "hidden_size": "units",
    "vocab_size": "num_words",
    "file": "path",
    "batch": "batch_size",
    "sep": "delimiter",
    "separator": "delimiter",
    "quotechar": "quoting",
    "header": "skip_rows",
    "text_column": "text",
    "label_column": "label",
    "group_by": "keep_together",
    "groups": "keep_together",
    "rnn": "simple_rnn",
    "cnn": "conv1d",
}


def nearest(given: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed name that was most likely meant, or None if none is near (or the given one is no name).

    Preferred is a name of the same letters in another order (adma), then one that other tools call so (lr), then
    one that begins with `given` (val_acc), then the most similar one.
    """
    if len(given) > LONGEST:
        return None
    from difflib import get_close_matches  # here: it takes a millisecond, and most names are right

    names = {name.lower(): name for name in islice(allowed, MOST) if len(name) <= LONGEST}
    given = given.lower()
    swapped = [name for name in names if sorted(name) == sorted(given)]
    longer = [name for name in names if len(given) >= SHORTEST_BEGINNING and name.startswith(given)]
    alike = get_close_matches(given, names, n=1, cutoff=0.6)
    other = [name for name in names if OTHER_NAMES.get(given) == name]
    near = [given] if given in names else swapped or other or sorted(longer, key=len) or alike
    return names[near[0]] if near else None


def suggest(given: str, allowed: Iterable[str]) -> str:
    """Return " (did you mean x?)" for the nearest allowed name, or "" if none is near."""
    near = nearest(given, allowed)
    return f" (did you mean {near}?)" if near else ""
