"""Unpacks .xz in bounded memory: how much unpacking takes is said by the file, and may be gigabytes."""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from seqrun.readable import size

if TYPE_CHECKING:
    from lzma import LZMADecompressor

MOST_MEMORY = 500_000_000  # bytes; the files that `xz -9` makes take 68 MB
_CHUNK = 1 << 16  # bytes


def open_xz(file: BinaryIO) -> IO[bytes]:
    """Return the content of an .xz file as a stream.

    Reading from it raises LZMAError for what is damaged or takes more than MOST_MEMORY, and EOFError for what is cut.
    """
    return cast("IO[bytes]", io.BufferedReader(_Unpacked(file), _CHUNK))


class _Unpacked(io.RawIOBase):
    """The content of one packed stream or several, one after the other. (`lzma.open` has no bound of memory.)"""

    def __init__(self, file: BinaryIO):
        self._file = file
        self._unpacker = _unpacker()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._next(len(buffer))
        buffer[: len(content)] = content
        return len(content)

    def _next(self, most: int) -> bytes:
        """Return the next bytes, at most so many; none at the end."""
        while True:
            packed = b""
            if self._unpacker.eof:
                packed = self._following()
                if not packed:
                    return b""
                self._unpacker = _unpacker()
            elif self._unpacker.needs_input and not (packed := self._file.read(_CHUNK)):
                raise EOFError("it ends in the midst of what is packed")
            if content := self._unpack(packed, most):
                return content

    def _following(self) -> bytes:
        """Return what comes after a packed stream and the zero bytes that may fill it up; nothing at the end."""
        packed = self._unpacker.unused_data.lstrip(b"\0")
        while not packed and (read := self._file.read(_CHUNK)):
            packed = read.lstrip(b"\0")
        return packed

    def _unpack(self, packed: bytes, most: int) -> bytes:
        import lzma

        try:
            return self._unpacker.decompress(packed, most)
        except lzma.LZMAError as error:
            if "limit" in str(error):
                bound = f"unpacking it takes more than {size(MOST_MEMORY)} of memory"
                raise lzma.LZMAError(f"{bound}; pack it anew, with xz -9 at most") from error
            raise


def _unpacker() -> LZMADecompressor:
    import lzma

    return lzma.LZMADecompressor(lzma.FORMAT_AUTO, memlimit=MOST_MEMORY)
