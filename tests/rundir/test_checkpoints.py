"""Checkpoints come back bit for bit, or the one before does."""

import logging
import math

import ml_dtypes
import numpy as np
import pytest

from seqrun.rundir import atomic
from seqrun.rundir.checkpoints import latest_checkpoint, save_checkpoint

RANDOM = np.random.default_rng(0)
ARRAYS = {
    "model/lstm/kernel:0": RANDOM.normal(size=(3, 4)).astype(np.float32),
    "half": RANDOM.normal(size=5).astype(np.float16),
    "brain": RANDOM.normal(size=(2, 3)).astype(ml_dtypes.bfloat16),
    "eighth": RANDOM.normal(size=4).astype(ml_dtypes.float8_e4m3fn),
    "step": np.array(7, np.int64),
    "scalar_brain": np.array(1.5, ml_dtypes.bfloat16),
    "key": np.array([2**64 - 1], np.uint64),
    "fortran": np.asfortranarray(RANDOM.normal(size=(3, 2))),
    "strided": RANDOM.normal(size=(4, 4)).astype(ml_dtypes.bfloat16)[::2, ::2],
    "empty": np.zeros((0, 3)),
    "flags": np.array([True, False]),
    "words": np.array(["a", "é"]),
    "file": np.ones(1),
    "x": np.zeros(1),
    "x.npy": np.ones(1),
}


def folders(run):
    return sorted(path.name for path in (run / "checkpoints").iterdir())


def test_arrays_and_scalars_come_back_exactly(tmp_path):
    scalars = {"epoch": 3, "best": math.inf, "rate": 0.1 + 0.2, "history": [{"loss": 1 / 3}], "none": None}
    save_checkpoint(tmp_path / "checkpoints", 3, ARRAYS, scalars)
    arrays, found, _ = latest_checkpoint(tmp_path / "checkpoints")
    assert found == scalars
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert (arrays[name].dtype, arrays[name].shape) == (array.dtype, array.shape), name
        assert arrays[name].tobytes() == array.tobytes(), name


def test_python_objects_are_refused_and_leave_nothing(tmp_path):
    with pytest.raises(ValueError, match=r"[Oo]bject"):
        save_checkpoint(tmp_path / "checkpoints", 1, {"a": np.array([{}])}, {})
    assert folders(tmp_path) == []
    assert latest_checkpoint(tmp_path / "checkpoints") is None


def test_the_newest_two_are_kept(tmp_path):
    for epoch in (1, 2, 99_999, 100_000):
        save_checkpoint(tmp_path / "checkpoints", epoch, {"a": np.array(epoch)}, {"epoch": epoch})
    assert folders(tmp_path) == ["epoch-100000", "epoch-99999"]
    assert latest_checkpoint(tmp_path / "checkpoints")[1] == {"epoch": 100_000}


def test_the_older_one_goes_only_when_the_new_one_is_complete(tmp_path, monkeypatch):
    for epoch in (1, 2):
        save_checkpoint(tmp_path / "checkpoints", epoch, {}, {"epoch": epoch})

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic, "sync_folder", full)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint(tmp_path / "checkpoints", 3, {}, {"epoch": 3})
    assert folders(tmp_path) == ["epoch-00001", "epoch-00002"]


def test_what_a_killed_writer_left_is_no_checkpoint_and_goes(tmp_path):
    save_checkpoint(tmp_path / "checkpoints", 1, {}, {"epoch": 1})
    half = tmp_path / "checkpoints" / ".epoch-00002.0badcafe.tmp"
    half.mkdir()
    (half / "state.npz").write_bytes(b"half")
    assert latest_checkpoint(tmp_path / "checkpoints")[1] == {"epoch": 1}
    save_checkpoint(tmp_path / "checkpoints", 2, {}, {"epoch": 2})
    assert folders(tmp_path) == ["epoch-00001", "epoch-00002"]


@pytest.mark.parametrize("name", ["state.npz", "scalars.json", "manifest.json"])
@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_a_damaged_checkpoint_is_named_and_passed_over(tmp_path, caplog, name, damage):
    for epoch in (1, 2):
        save_checkpoint(tmp_path / "checkpoints", epoch, {"a": np.arange(10)}, {"epoch": epoch})
    file = tmp_path / "checkpoints" / "epoch-00002" / name
    content = bytearray(file.read_bytes())
    if damage == "remove":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(content[:-3])
    else:
        content[len(content) // 2] ^= 0x01
        file.write_bytes(content)
    with caplog.at_level(logging.WARNING, logger="seqrun"):
        _, scalars, _ = latest_checkpoint(tmp_path / "checkpoints")
    assert scalars == {"epoch": 1}
    assert "epoch-00002" in caplog.text


def test_an_epoch_can_be_saved_again(tmp_path):
    for attempt in (1, 2, 3):
        save_checkpoint(tmp_path / "checkpoints", 5, {}, {"attempt": attempt})
    assert folders(tmp_path) == ["epoch-00005"]
    assert latest_checkpoint(tmp_path / "checkpoints")[1] == {"attempt": 3}


def test_saving_an_epoch_again_is_safe_against_a_kill_between_its_two_renames(tmp_path):
    path = save_checkpoint(tmp_path / "checkpoints", 5, {}, {"attempt": 1})
    path.rename(f"{path}~")
    assert latest_checkpoint(tmp_path / "checkpoints")[1] == {"attempt": 1}
    save_checkpoint(tmp_path / "checkpoints", 5, {}, {"attempt": 2})
    assert folders(tmp_path) == ["epoch-00005"]


def test_checkpoints_of_a_future_that_was_left_go(tmp_path):
    for epoch in (8, 9):
        save_checkpoint(tmp_path / "checkpoints", epoch, {}, {"epoch": epoch})
    save_checkpoint(tmp_path / "checkpoints", 3, {}, {"epoch": 3})
    save_checkpoint(tmp_path / "checkpoints", 4, {}, {"epoch": 4})
    assert folders(tmp_path) == ["epoch-00003", "epoch-00004"]


def test_without_checkpoints_there_is_none(tmp_path):
    assert latest_checkpoint(tmp_path / "checkpoints") is None
