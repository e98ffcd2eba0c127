"""A command's own process imports Keras without the libraries that Keras only offers something for."""

from __future__ import annotations

import subprocess
import sys

import pytest

LEAVE_OUT = "from seqrun.machine.optional import leave_out_optional; leave_out_optional()"
KERAS = "from seqrun.machine.device import import_tensorflow; import_tensorflow(); import keras"
SEEN = """
from keras.src.trainers.data_adapters import array_slicing
print("pandas" in sys.modules, bool(array_slicing.pandas))
"""


def printed(code: str) -> list[str]:
    ended = subprocess.run([sys.executable, "-c", f"import sys\n{code}"], capture_output=True, text=True, check=True)
    return ended.stdout.split()


def test_a_command_imports_keras_without_them_and_can_import_them_afterwards():
    after = "import pandas, sklearn, matplotlib.figure; print(pandas.Series([1, 2]).sum())"
    assert printed(f"{LEAVE_OUT}\n{KERAS}\n{SEEN}\n{after}") == ["False", "False", "3"]


def test_what_is_imported_already_stays():
    assert printed(f"import pandas\n{LEAVE_OUT}\n{KERAS}\n{SEEN}") == ["True", "True"]


@pytest.mark.parametrize("imports", ["", "import keras\n"], ids=["later", "at its top"])
def test_with_a_plugin_keras_is_whole(imports, tmp_path):
    (tmp_path / "mine.py").write_text(f"{imports}HERE = 1\n")
    file = str(tmp_path / "mine.py")
    plugin = f"from pathlib import Path\nfrom seqrun.config.plugins import load_module\nload_module(Path({file!r}))"
    assert printed(f"{LEAVE_OUT}\n{plugin}\n{KERAS}\n{SEEN}") == ["True", "True"]


def test_python_code_that_uses_seqrun_finds_keras_whole():
    assert printed(f"import seqrun\n{KERAS}\n{SEEN}") == ["True", "True"]
