"""Unpacking a published zip archive: one member, bounded, by its name alone."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from seqrun.datasets.files.parts import finish, new_part, remove_abandoned
from seqrun.errors import DataError
from seqrun.machine.opener import open_file
from seqrun.readable import size

MOST_LISTED = 1_000_000  # bytes of an archive's list of members
CHUNK = 1 << 18  # bytes

_END, _END_SIZE, _LOCATOR, _LOCATOR_SIZE = b"PK\x05\x06", 22, b"PK\x06\x07", 20  # as the zip format has them


def unpack(archive: Path, target: Path, most: int | None = None) -> Path:
    """Write the zip archive's member that has the target's name to `target`, whole, and return `target`.

    Nothing else of the archive is written, so that no path or link in it leads elsewhere. Raises DataError if there is
    no such member, or if it has more than `most` bytes (None: any number).
    """
    remove_abandoned(target)
    try:
        with open_file(archive) as packed, new_part(target, ".unpacked") as part:
            _check_list(packed)
            with zipfile.ZipFile(packed) as opened, opened.open(target.name) as member:
                if opened.getinfo(target.name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise zipfile.BadZipFile("it is packed in an unusual way")  # which may unpack without a bound
                while chunk := member.read(CHUNK):
                    part.write(chunk)
                    if most is not None and part.tell() > most:
                        raise zipfile.BadZipFile(f"it unpacks to more than {size(most)}")
            finish(part, target)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError) as error:
        # RuntimeError: it is encrypted, or packed in a way that Python does not know
        raise DataError(f"{archive.name} is no whole zip archive with {target.name} in it: {error}") from error
    return target


def _check_list(packed: BinaryIO) -> None:
    """Raise BadZipFile for an archive whose list of members, which zipfile reads into memory, is long."""
    length = packed.seek(0, 2)
    packed.seek(max(0, length - (1 << 16) - _END_SIZE - _LOCATOR_SIZE))
    tail = packed.read()
    packed.seek(0)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_SIZE:
        raise zipfile.BadZipFile("File is not a zip file")
    listed = int.from_bytes(tail[at + 12 : at + 16], "little")
    if listed > MOST_LISTED or tail[max(0, at - _LOCATOR_SIZE) : at].startswith(_LOCATOR):
        raise zipfile.BadZipFile("it has too many members")
