"""What stands in a file, as text: ids and labels of any type, undecodable bytes."""

from __future__ import annotations

from numbers import Integral, Real

from seqrun.datasets.files.opening import likely_encoding

_MISSING = ("nan", "NaT", "<NA>")  # as numpy and pandas print what is missing
_EXACT = 2**53  # from here on a float no longer holds every whole number


def as_written(value: object) -> str | None:
    """Return an id, a label or a tag as the text that stands for it in its file, or None if it is missing.

    A string, which a cell of CSV always is, stays as it is (007, 1e3, NA, true). Values that have types, of JSON lines,
    Parquet and npz, become the text that JSON has for them: an integer its digits, a whole float those of the integer
    (1.0 is 1), any other number the shortest digits that give it back (1.5), a boolean true or false. Dates are written
    as ISO 8601 has them. None, NaN, and strings without anything but white space are missing.
    """
    if value is None or isinstance(value, str):
        return value if value and value.strip() else None
    text = str(value)
    if text in _MISSING:
        return None
    if text in ("True", "False"):
        return text.lower()
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real) and float(value).is_integer() and abs(float(value)) < _EXACT:
        return str(int(float(value)))
    return text


def undecodable(text: str) -> str | None:
    """Return what is wrong if the text has undecodable bytes, else None.

    Such bytes are decoded as lone surrogates, so that only their row is unusable and not the whole file.
    """
    if text.isascii():
        return None
    wrong = bytes(ord(c) - 0xDC00 for c in text if 0xDC80 <= ord(c) <= 0xDCFF)
    if wrong:
        shown = ", ".join(map(hex, wrong[:3]))
        likely = likely_encoding(b" ".join(bytes([byte]) for byte in wrong))
        return f"undecodable bytes ({shown}), which dataset.encoding: {likely} would read"
    return "half a surrogate pair" if any(0xD800 <= ord(c) <= 0xDFFF for c in text) else None
