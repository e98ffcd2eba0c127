"""Opens files of text: packed or not, in any encoding."""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from seqrun.datasets.files.room import check_room, room
from seqrun.datasets.files.xz import open_xz
from seqrun.errors import DataError
from seqrun.machine.opener import open_file
from seqrun.readable import size

PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WIDE = ("utf-16", "utf-32")  # encodings with two or four bytes a character: how the names begin that Python has
# How files of these kinds begin, whatever they are called.
_SIGNS = {
    b"\x1f\x8b": ("gzip", ".gz"),
    b"BZh": ("bzip2", ".bz2"),
    b"\xfd7zXZ\0": ("xz", ".xz"),
    b"\x28\xb5\x2f\xfd": ("zstd", ".zst"),
    b"PK\x03\x04": ("zip", ".zip"),
    b"PAR1": ("Parquet", ".parquet"),
}
_CHUNK = 1 << 20  # bytes
_HEAD = 4096  # bytes from which an encoding is guessed


def ending(path: Path, endings: Sequence[str], packed: Sequence[str] | None = None) -> str | None:
    """Return which of these endings a file has, before that of a packed file (.csv.gz); None if none.

    `packed` are the endings of files that may be packed, by default all.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in PACKED:
        return suffixes[-2] if len(suffixes) > 1 and suffixes[-2] in (endings if packed is None else packed) else None
    return suffixes[-1] if suffixes and suffixes[-1] in endings else None


@contextmanager
def open_unpacked(path: Path) -> Iterator[IO[bytes]]:
    """Yield the content of a file as a stream, unpacked if its ending says that it is packed.

    Reading from it may raise what `_faults` lists. Raises DataError for a .zip that holds not exactly one file.
    """
    with open_file(path) as file, _unpacked(path, file) as stream:
        yield stream


def _unpacked(path: Path, file: BinaryIO) -> AbstractContextManager[IO[bytes]]:
    kind = path.suffix.lower()
    if kind == ".gz":
        import gzip

        return cast("IO[bytes]", gzip.open(file))
    if kind == ".bz2":
        import bz2

        return cast("IO[bytes]", bz2.open(file))
    if kind == ".xz":
        return open_xz(file)
    if kind == ".zip":
        return _in_zip(path, file)
    if kind == ".zst":
        import pyarrow

        return cast("IO[bytes]", pyarrow.input_stream(file, compression="zstd"))
    return file


@contextmanager
def _in_zip(path: Path, file: BinaryIO) -> Iterator[IO[bytes]]:
    import zipfile

    with zipfile.ZipFile(file) as archive:
        members = [each for each in archive.infolist() if not each.is_dir()]
        members = [each for each in members if not _is_hidden(each.filename)]
        if len(members) != 1:
            names = [each.filename for each in members]
            raise DataError(f"{path} must hold one file, and holds {len(names)}: {', '.join(names[:10])}")
        if members[0].compress_type == zipfile.ZIP_BZIP2:  # which zipfile unpacks without a bound
            raise DataError(f"{path} is packed by bzip2 inside; pack it as .bz2, or as .zip in the usual way")
        with archive.open(members[0]) as stream:
            yield stream


def _is_hidden(name: str) -> bool:
    return name.startswith("__MACOSX/") or Path(name).name.startswith(".")


def read_bytes(path: Path, most: int | None = None) -> bytes:
    """Return the content of a file, unpacked; with `most` no more than so many bytes of its beginning.

    Raises DataError if it cannot be read, is not what its ending says, or does not fit into memory beside its text.
    """
    try:
        with open_unpacked(path) as file:
            data = file.read(most) if most is not None else _all_of(path, file)
    except _faults() as error:
        raise DataError(f"{path} cannot be read: {error}{_called_otherwise(path)}") from error
    for sign, (kind, suffix) in _SIGNS.items():
        if data.startswith(sign):
            excel = "; Excel's .xlsx is such a file: save it as CSV" if kind == "zip" else ""
            what = kind if kind == "Parquet" else f"packed ({kind})"
            raise DataError(f"{path} is no text, but {what} and not called so: let its name end in {suffix}{excel}")
    return data


def _all_of(path: Path, file: IO[bytes]) -> bytes:
    """Return the whole content; DataError if it takes more than half of the memory, for its text takes as much again.

    A packed file may unpack to a thousand times its size.
    """
    if path.suffix.lower() in PACKED:
        return all_of_stream(file, f"{path} unpacks to")
    length = os.fstat(file.fileno()).st_size
    check_room(f"{path}, which has {size(length)} (and as much again as text),", 2 * length)
    return file.read()


def all_of_stream(stream: IO[bytes], comes_to: str) -> bytes:
    """Return the content of a stream that says not how long it is; DataError if it `comes_to` more than half of memory.

    Its text takes as much again.
    """
    there = room()
    content = io.BytesIO()
    while chunk := stream.read(_CHUNK):
        if 2 * (content.tell() + len(chunk)) > there:
            most = f"{size(there // 2)}, half of the {size(there)} of memory that are there"
            raise DataError(f"{comes_to} more than {most}; its text takes as much again")
        content.write(chunk)
    return content.getvalue()


def _called_otherwise(path: Path) -> str:
    """Return what name a packed file should have that is packed otherwise than its name says, or not at all."""
    if not path.is_file() or path.suffix.lower() not in PACKED:
        return ""
    with open_file(path) as file:
        begin = file.read(max(map(len, _SIGNS)))
    found = next(((kind, suffix) for sign, (kind, suffix) in _SIGNS.items() if begin.startswith(sign)), None)
    if found is None:
        return f"; it is not packed so: let its name not end in {path.suffix}"
    kind, suffix = found
    return "" if suffix == path.suffix.lower() else f"; it is packed ({kind}): let its name end in {suffix}"


def _faults() -> tuple[type[Exception], ...]:
    """Return what reading a damaged file may raise."""
    import lzma
    import zipfile
    import zlib

    return (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, NotImplementedError)


def read_text(path: Path, encoding: str) -> str:
    """Return the text of a file, unpacked; undecodable bytes become lone surrogates, so that their row can be told.

    Raises DataError for a file that cannot be read, and for one that is in a quite different encoding.
    """
    return decoded(path, read_bytes(path), encoding)


def decoded(path: Path, data: bytes, encoding: str) -> str:
    """Return bytes as text, without a byte-order mark; see `read_text`.

    Where lines end with a carriage return alone, as on old Macs, it becomes the end of line that all readers know.
    """
    check_width(path, data, encoding)
    try:
        text = data.decode(encoding, errors="surrogateescape").removeprefix("\ufeff")
        return text if "\n" in text else text.replace("\r", "\n")
    except UnicodeError as error:
        raise DataError(f"{path} cannot be read: {error}; dataset.encoding: {likely_encoding(data)}") from error


def check_width(path: Path, data: bytes, encoding: str) -> None:
    """Raise DataError, naming the likely encoding, for bytes with two bytes a character where the encoding has one.

    Or the other way round: such bytes can be decoded, and make no sense.
    """
    if codecs.lookup(encoding).name.startswith(_WIDE):
        if data and not _is_wide(data) and 0 not in data[:_HEAD] and (likely := likely_encoding(data)) == "utf-8":
            raise DataError(f"{path} is no {encoding}, for it has no zero bytes: dataset.encoding: {likely}")
    elif _is_wide(data):
        why = "begins" if data.startswith(_UTF_16) else "has zero bytes"
        raise DataError(f"{path} is no {encoding}: it {why} as UTF-16 does: dataset.encoding: {likely_encoding(data)}")


def _is_wide(data: bytes) -> bool:
    return data.startswith(_UTF_16) or data[:_HEAD].count(0) > len(data[:_HEAD]) // 4


def likely_encoding(data: bytes) -> str:
    """Return the encoding that bytes are probably in: utf-8, utf-16, utf-32, cp1252 (of Windows) or latin-1."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if _is_wide(data):
        return "utf-16" if data.startswith(_UTF_16) else "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    for encoding in ("utf-8", "cp1252"):
        try:
            data.decode(encoding)
        except UnicodeError:
            continue
        return encoding
    return "latin-1"  # which knows every byte
