"""`seqrun.components` offers what a plugin imports, and loads it when it is asked for."""

import subprocess
import sys

import pytest

import seqrun.components as offered


@pytest.mark.parametrize("name", offered.__all__)
def test_every_name_can_be_imported_from_the_package(name):
    assert getattr(offered, name) is not None


def test_the_names_are_those_of_the_files():
    assert sorted(name for names in offered._FILES.values() for name in names) == sorted(offered.__all__)


def test_an_unknown_name_is_an_import_error():
    with pytest.raises(ImportError, match="cannot import name 'Datset'"):
        from seqrun.components import Datset  # noqa: F401


def test_nothing_is_loaded_before_it_is_asked_for():
    code = "import sys, seqrun.components; print([m for m in sys.modules if m.startswith('seqrun.components.')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
