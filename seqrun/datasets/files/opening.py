"""Opens files of text: packed or not, in any encoding."""

from __future__ import annotations

import codecs
import io
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

from seqrun.errors import DataError

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
_HEAD = 4096  # bytes from which an encoding is guessed


def ending(path: Path, endings: Sequence[str], packed: Sequence[str] | None = None) -> str | None:
    """Return which of these endings a file has, before that of a packed file (.csv.gz); None if none.

    `packed` are the endings of files that may be packed, by default all.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in PACKED:
        return suffixes[-2] if len(suffixes) > 1 and suffixes[-2] in (endings if packed is None else packed) else None
    return suffixes[-1] if suffixes and suffixes[-1] in endings else None


def open_bytes(path: Path) -> IO[bytes]:
    """Return the content of a file as a stream, unpacked if its ending says that it is packed.

    Reading from it may raise what `cannot_read` lists. Raises DataError for a .zip that holds not exactly one file.
    """
    kind = path.suffix.lower()
    if kind == ".gz":
        import gzip

        return cast("IO[bytes]", gzip.open(path))
    if kind == ".bz2":
        import bz2

        return cast("IO[bytes]", bz2.open(path))
    if kind == ".xz":
        import lzma

        return cast("IO[bytes]", lzma.open(path))
    if kind == ".zip":
        return _in_zip(path)
    if kind == ".zst":
        import pyarrow

        return cast("IO[bytes]", pyarrow.input_stream(str(path), compression="zstd"))
    return path.open("rb")


def _in_zip(path: Path) -> IO[bytes]:
    import zipfile

    with zipfile.ZipFile(path) as archive:
        names = [each.filename for each in archive.infolist() if not each.is_dir()]
        names = [name for name in names if not name.startswith("__MACOSX/") and not Path(name).name.startswith(".")]
        if len(names) != 1:
            raise DataError(f"{path} must hold one file, and holds {len(names)}: {', '.join(names[:10])}")
        return io.BytesIO(archive.read(names[0]))


def read_bytes(path: Path, most: int | None = None) -> bytes:
    """Return the content of a file, unpacked; with `most` no more than so many bytes of its beginning.

    Raises DataError if it cannot be read or is not what its ending says.
    """
    try:
        with open_bytes(path) as file:
            data = file.read() if most is None else file.read(most)
    except _faults() as error:
        raise DataError(f"{path} cannot be read: {error}{_called_otherwise(path)}") from error
    for sign, (kind, suffix) in _SIGNS.items():
        if data.startswith(sign):
            excel = "; Excel's .xlsx is such a file: save it as CSV" if kind == "zip" else ""
            what = kind if kind == "Parquet" else f"packed ({kind})"
            raise DataError(f"{path} is no text, but {what} and not called so: let its name end in {suffix}{excel}")
    return data


def _called_otherwise(path: Path) -> str:
    """Return what name a packed file should have that is packed otherwise than its name says, or not at all."""
    if not path.is_file() or path.suffix.lower() not in PACKED:
        return ""
    with path.open("rb") as file:
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
