"""Arrays of any name come back from npz files as they were."""

from io import BytesIO

import numpy as np
import pytest

from seqrun.rundir.npz import compressed_npz, write_npz


@pytest.mark.parametrize("compressed", [False, True])
def test_numpy_reads_the_arrays_again_whatever_they_are_called(compressed, tmp_path):
    arrays = {"file": np.arange(6.0).reshape(2, 3), "args": np.array(["a", "bc"]), "scalar": np.array(3)}
    write_npz(tmp_path / "own.npz", arrays, compressed=compressed)
    with np.load(tmp_path / "own.npz") as found:
        assert found.files == list(arrays)
        for name, array in arrays.items():
            assert found[name].dtype == array.dtype
            np.testing.assert_array_equal(found[name], array)


def test_the_content_is_that_of_numpys_own_file():
    arrays, content = {"x": np.arange(5), "y": np.zeros((2, 2), np.float32)}, BytesIO()
    np.savez_compressed(content, **arrays)
    assert compressed_npz(arrays) == content.getvalue()


def test_python_objects_are_refused(tmp_path):
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        write_npz(tmp_path / "own.npz", {"x": np.array([{}, []], dtype=object)})
