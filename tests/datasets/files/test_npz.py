"""Arrays of npz files: what numpy writes is read as numpy reads it, and a file made to harm does none."""

from __future__ import annotations

import io
import pickle
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from seqrun.datasets.files import room
from seqrun.datasets.files.npz import read_array
from seqrun.errors import DataError

READ = """
import sys, zipfile
from seqrun.datasets.files.npz import read_array
try:
    with zipfile.ZipFile(sys.argv[1]) as archive:
        print(read_array(archive, "x").tolist())
except Exception as error:
    print(error)
"""


def objects(*values: object) -> np.ndarray:
    array = np.empty(len(values), object)
    for place, value in enumerate(values):
        array[place] = value
    return array


def npy(shape: tuple[int, ...], descr: str, content: bytes) -> bytes:
    header = io.BytesIO()
    fields = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, fields)
    return header.getvalue() + content


def npz(member: bytes, method: int = zipfile.ZIP_STORED) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("x.npy", member)
    return file


def pickled(instructions: bytes, count: int = 1) -> io.BytesIO:
    return npz(npy((count,), "|O", instructions))


def array_of(items: bytes, count: int) -> bytes:
    """The pickle of an array of objects, as Python 2's numpy wrote it; `items` are instructions."""
    start = b"\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85U\x01b\x87Rq\x03"
    dtype = b"cnumpy\ndtype\nq\x04U\x02O8K\x00K\x01\x87Rq\x05(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb"
    return start + b"(K\x01K" + bytes([count]) + b"\x85" + dtype + b"\x89](" + items + b"etb."


def read(file: io.BytesIO) -> np.ndarray:
    with zipfile.ZipFile(file) as archive:
        return read_array(archive, "x")


def equal(one: object, other: object) -> bool:
    """Whether two values are the same, types and all; NaN is itself."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and equal(one.tolist(), other.tolist())
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(equal, one, other))
    return one == other or (one != one and other != other)


SAME = [1, 2]
ARRAYS = {
    "lists": objects([1, 300, 70_000], [], [2**40, -(2**70), -1]),
    "plain values": objects([0.5, float("nan"), None, True, False, b"x", "é"]),
    "long lists": objects(*[list(range(3000))] * 3),
    "arrays": objects(np.arange(6).reshape(2, 3), np.ones((2, 1), np.float32), np.array([1, 2], ">i2")),
    "column first": objects(np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.array([True, False])),
    "scalars": objects((1, np.float32(2.5)), [np.int64(3), np.bool_(True), np.str_("a")]),
    "text": objects("a", "é", "b" * 300, "a"),
    "arrays of text": objects(np.array(["a", "bc"]), np.array([b"abc"])),
    "the same list twice": objects(SAME, SAME, [SAME, SAME]),
    "nested arrays": objects(objects([1], [2]), np.array([], np.float32)),
    "a table": np.array([[1, "a"], [None, 2.5]], object),
    "a table, column first": np.asfortranarray(np.array([[1, "a"], [None, 2.5]], object)),
    "no object": objects(),
    "numbers": np.arange(12.0).reshape(3, 4),
    "numbers, column first": np.asfortranarray(np.arange(12).reshape(3, 4)),
    "one number": np.array(5.0),
    "no number": np.zeros((0, 5)),
    "words": np.array(["a", "bc"]),
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_what_numpy_writes_is_read_as_numpy_reads_it(kind):
    file = io.BytesIO()
    np.savez_compressed(file, x=ARRAYS[kind])
    with np.load(io.BytesIO(file.getvalue()), allow_pickle=True) as oracle:
        found = read(file)
        assert equal(found, oracle["x"])
    assert found.flags.writeable


@pytest.mark.parametrize("protocol", [3, 4])
@pytest.mark.parametrize("kind", [kind for kind in ARRAYS if ARRAYS[kind].dtype == object])
def test_older_pickles_are_read_as_python_reads_them(kind, protocol):
    content = pickle.dumps(ARRAYS[kind], protocol)
    assert equal(read(pickled(content)), pickle.loads(content))


def test_the_pickles_of_python_2_are_read():
    """As in the published imdb.npz: lists of small, short and long numbers, and numbers of 64 bits as text."""
    content = array_of(b"](K\x01M\x10\x27J\x70\x11\x01\x00e](I5000000000\nI01\nG?\xe0\x00\x00\x00\x00\x00\x00e", 2)
    assert equal(read(pickled(content)).tolist(), [[1, 10_000, 70_000], [5_000_000_000, True, 0.5]])
    assert pickle.loads(content).tolist() == read(pickled(content)).tolist()


def test_numbers_of_a_pickle_cannot_be_taken_for_pointers(tmp_path):
    """BUILD sets the flags of dtype O8 to none, so that the array's content would be raw bytes."""
    content = array_of(b"", 4).replace(b"K?tb\x89](e", b"K\x00tb\x89U\x20" + b"A" * 32)
    assert b"A" * 32 in content
    file = tmp_path / "harm.npz"
    file.write_bytes(pickled(content, 4).getvalue())
    done = subprocess.run([sys.executable, "-c", READ, file], capture_output=True, text=True, check=True)
    assert "the pickle is broken" in done.stdout


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"cos\nsystem\n(U\x04truetR.", "it wants to load os.system, which no array of numbers needs"),
        (b"\x8c\x08builtins\x8c\x04eval\x93.", "it wants to load builtins.eval"),
        (b"](K\x01K\x02e.", "a pickle of list, not of an array"),
        (b"}.", "it has the instruction b'}' at byte 0"),
        (b"X\xff\xff\xff\xffab.", "the pickle breaks off"),
        (b"]", "the pickle is broken"),
        (b"t.", "the pickle is broken"),
        (array_of(b"h\x03", 1), "without content, or in itself"),
        (array_of(b"]r\xff\xff\xff\x7fj\xff\xff\xff\x7fa", 1), "stands in two places"),
        (array_of(b"]" * 3, 2), "with more or fewer than it says"),
        (array_of(b"", 0).replace(b"U\x02O8", b"U\x03V16"), "it has the dtype 'V16', which no array of numbers has"),
        (array_of(b"", 0).replace(b"|NNN", b"|N)N"), "a dtype of several parts"),
    ],
)
def test_what_no_array_needs_is_refused_in_words(content, reason):
    with pytest.raises(pickle.UnpicklingError, match=reason.replace("(", r"\(")):
        read(pickled(content))


def test_what_a_pickle_keeps_takes_no_memory_of_numbers_in_between():
    """The pickle module would make a list of as many places as the highest number."""
    assert read(pickled(array_of(b"]r\xff\xff\xff\x7f", 1))).tolist() == [[]]


def test_lists_in_lists_cannot_unfold_beyond_the_memory(monkeypatch):
    monkeypatch.setattr(room, "available_bytes", lambda: 100_000_000)
    levels = b"](" + b"K\x01" * 10 + b"eq\x0a" + b"".join(b"](" + bytes([0x68, n]) * 10 + b"eq" + bytes([n + 1])
                                                          for n in range(10, 22))  # fmt: skip
    with pytest.raises(DataError, match=r"unfolds to more than the 100\.0 MB of memory that are there"):
        read(pickled(array_of(levels, 13)))


def test_a_shape_that_the_bytes_do_not_bear_out_takes_no_memory():
    with pytest.raises(DataError, match=r"x says that it is \(1000000000000,\) float64, 8\.0 TB, and has 16 bytes"):
        read(npz(npy((10**12,), "<f8", bytes(16))))
    with pytest.raises(DataError, match="says that it is"):
        read(npz(npy((10**12,), "<U0", b"")))
    with pytest.raises(ValueError, match="header says"):
        read(npz(npy((-1, -2), "<f8", bytes(16))))


def test_a_directory_that_claims_more_than_there_is_takes_no_memory():
    content = npz(npy((1000,), "<f8", bytes(16)), zipfile.ZIP_DEFLATED).getvalue()
    said = len(npy((1000,), "<f8", bytes(16)))
    place = content.rindex(b"PK\x01\x02") + 24  # the size in the directory
    assert struct.unpack_from("<I", content, place) == (said,)
    content = content[:place] + struct.pack("<I", said + 7984) + content[place + 4 :]
    with pytest.raises((DataError, zipfile.BadZipFile), match=r"breaks off after 16 bytes|CRC"):
        read(io.BytesIO(content))


def test_an_array_larger_than_the_memory_is_refused_with_both_figures(monkeypatch):
    file = npz(npy((10**6,), "<f8", bytes(8 * 10**6)), zipfile.ZIP_DEFLATED)
    monkeypatch.setattr(room, "available_bytes", lambda: 5_000_000)
    with pytest.raises(DataError, match=r"x needs 8\.0 MB of memory, and 5\.0 MB are there"):
        read(file)


def test_a_header_has_a_bound():
    long = b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31) + b" " * 10**6
    with pytest.raises(ValueError, match=r"its header has 2\.1 GB, and may have 10\.0 kB"):
        read(npz(long))
    deep = b"\x93NUMPY\x01\x00" + struct.pack("<H", 9000) + b"-" * 8999 + b"\n"
    with pytest.raises(ValueError, match="not as numpy writes it"):
        read(npz(deep))


def test_a_damaged_array_is_found_by_its_checksum():
    content = bytearray(npz(npy((100,), "<f8", bytes(800))).getvalue())
    content[content.index(bytes(800)) + 400] = 1
    with pytest.raises(zipfile.BadZipFile, match="CRC"):
        read(io.BytesIO(bytes(content)))


def test_packing_without_a_bound_is_refused():
    with pytest.raises(DataError, match="x is packed otherwise than numpy does"):
        read(npz(npy((100,), "<f8", bytes(800)), zipfile.ZIP_BZIP2))


def test_the_smoke_data_are_read():
    folder = Path(__file__).parents[3] / "configs" / "smoke" / "data"
    for path in sorted(folder.glob("*.npz")):
        with np.load(path, allow_pickle=True) as oracle, zipfile.ZipFile(path) as archive:
            for name in oracle.files:
                assert equal(read_array(archive, name), oracle[name])
