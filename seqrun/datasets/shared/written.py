"""Text files that are not entirely text: undecodable bytes, and the byte-order mark at the front."""

from __future__ import annotations


def undecodable(text: str) -> str | None:
    """Return what is wrong if the text has undecodable bytes, else None.

    Such bytes are decoded as lone surrogates, so that only their row is unusable and not the whole file.
    """
    if text.isascii():
        return None
    wrong = [hex(ord(c) - 0xDC00) for c in text if 0xDC80 <= ord(c) <= 0xDCFF]
    if wrong:
        return f"undecodable bytes ({', '.join(wrong[:3])}); dataset.encoding names the file's encoding"
    return "half a surrogate pair" if any(0xD800 <= ord(c) <= 0xDFFF for c in text) else None


def without_mark(encoding: str) -> str:
    """Return the encoding to read with: UTF-8 becomes the one that drops the byte-order mark of some programs."""
    return "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding
