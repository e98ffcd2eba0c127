"""What stands in a file of text, cell by cell: bytes that are no text, and the mark that may stand in front."""

from __future__ import annotations


def undecodable(text: str) -> str | None:
    """Bytes that are no text were decoded as lone surrogates, so that only their row is lost, not the file."""
    if text.isascii():
        return None
    wrong = [hex(ord(c) - 0xDC00) for c in text if 0xDC80 <= ord(c) <= 0xDCFF]
    if wrong:
        return f"undecodable bytes ({', '.join(wrong[:3])}); dataset.encoding names the file's encoding"
    return "half a surrogate pair" if any(0xD800 <= ord(c) <= 0xDFFF for c in text) else None


def without_mark(encoding: str) -> str:
    """UTF-8 that drops the byte-order mark which some programs put first."""
    return "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding
