"""Texts that are nearly equal: candidates by MinHash, verified by the Jaccard similarity of their shingles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from seqrun.components.leaks import NEAR as NEAR_EQUAL
from seqrun.components.leaks import Leak
from seqrun.datasets.shared.partition import Partition
from seqrun.readable import counted, listed

SHINGLE = 5  # characters
FEWEST = 40  # characters of a text; shorter ones are not judged: names and numbers are most of what they consist of
NEAR = 0.7  # Jaccard similarity: 0.7 is one word changed in a dozen
PERMUTATIONS, BANDS = 64, 16  # 0.99 of the pairs of similarity 0.7 become candidates, 0.9998 of those of 0.8
LIKELY = 0.5  # what a MinHash makes of a similarity of 0.7 at least, in 9,998 of 10,000 cases
MOST = 50  # candidates that are verified for one text
AT_ONCE = 1000  # texts whose shingles are in memory
MEND = "dataset.splits: {keep_together: COLUMN} with a column that they share, or keep one of each in the data"
EXAMPLES, EXCERPT = 3, 60  # in a warning; characters of a text there
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, with bits all over: 2^64 divided by the golden ratio


def near_warning(
    texts: Sequence[str], parts: Partition, seen: np.ndarray | None, where: Callable[[int], str]
) -> tuple[str, Leak] | None:
    """Return a warning of test texts that nearly equal one of training or validation, and the finding, if any do.

    `texts` are all texts, normalised; those of the test split that are `seen`, (test,), equal one exactly and are not
    counted. `where` names a text by its position.
    """
    others = np.setdiff1d(np.concatenate([parts.train, parts.validation]), parts.test)
    samples = parts.test if seen is None else parts.test[~seen]
    found = list(near_pairs(texts, samples, others))
    if not found:
        return None
    lines = [
        f"{where(one)} is nearly {where(other)} ({similarity:.2f}): {texts[one][:EXCERPT]!r}"
        for one, other, similarity in found[:EXAMPLES]
    ]
    more = f"\n  and {len(found) - EXAMPLES:,} more" if len(found) > EXAMPLES else ""
    leak = Leak(
        NEAR_EQUAL, "test texts that nearly equal one of training or validation", len(found), len(parts.test), MEND
    )
    return (
        f"{len(found):,} of {counted(len(parts.test), 'test text')} nearly equal one of training or validation "
        f"(Jaccard similarity of {NEAR} or more):{listed(lines)}{more}",
        leak,
    )


def near_pairs(texts: Sequence[str], samples: np.ndarray, others: np.ndarray) -> Iterator[tuple[int, int, float]]:
    """Yield for each of the `samples` that has one a text among the `others` that is nearly equal, and how similar.

    Both are positions in `texts`. Similarity is |A & B| / |A | B| of the sets of all stretches of 5 characters (Broder,
    1997, "On the resemblance and containment of documents").
    """
    alike: dict[bytes, list[int]] = defaultdict(list)
    known: dict[int, np.ndarray] = {}
    for position, digest in _digests(texts, others):
        known[position] = digest
        for key in _keys(digest):
            alike[key].append(position)
    for position, digest in _digests(texts, samples):
        candidates = list(dict.fromkeys(other for key in _keys(digest) for other in alike.get(key, ())))
        likely = [other for other in candidates if (known[other] == digest).mean() >= LIKELY][:MOST]
        similar = ((other, jaccard(texts[position], texts[other])) for other in likely)
        best = max(similar, key=lambda pair: pair[1], default=None)
        if best is not None and best[1] >= NEAR:
            yield position, *best


def jaccard(one: str, other: str) -> float:
    """Return the share of the stretches of 5 characters in either text that are in both."""
    first, second = np.unique(shingles(one)), np.unique(shingles(other))
    both = len(np.intersect1d(first, second, assume_unique=True))
    return both / max(len(first) + len(second) - both, 1)


def shingles(text: str) -> np.ndarray:
    """Return a hash of each stretch of characters, in order: (shingles,) uint64."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    count = max(len(codes) - SHINGLE + 1, 0)
    hashes = np.zeros(count, np.uint64)
    for place in range(SHINGLE):
        hashes *= _FACTOR
        hashes += codes[place : place + count]
    return hashes


def _digests(texts: Sequence[str], positions: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield each position whose text is long enough to be judged, with its MinHash, (permutations,) uint32."""
    import rensa

    judged = [position for position in positions.tolist() if len(texts[position]) >= FEWEST]
    for first in range(0, len(judged), AT_ONCE):
        chosen = judged[first : first + AT_ONCE]
        found = [shingles(texts[position]) for position in chosen]
        ends = np.cumsum([0, *map(len, found)], dtype=np.uint64)
        digests = rensa.RMinHash.digest_matrix_from_flat_token_hashes(np.concatenate(found), ends, PERMUTATIONS, 0)
        yield from zip(chosen, np.array(digests.to_rows(), np.uint32), strict=True)


def _keys(digest: np.ndarray) -> list[bytes]:
    """Return the keys of a MinHash's bands; two texts of which one key is equal are candidates."""
    content, width = digest.tobytes(), digest.nbytes // BANDS
    return [bytes([band]) + content[band * width : (band + 1) * width] for band in range(BANDS)]
