"""`seqrun data`: where a dataset comes from, and how large it is."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from seqrun.cli import main

SMOKE = Path(__file__).parent.parent.parent / "configs" / "smoke" / "data"


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("SEQRUN_DATA_DIR", raising=False)
    return lambda *arguments: CliRunner().invoke(main, ["data", *map(str, arguments)])


def test_it_prints_the_source_with_its_hash_and_the_rows_of_each_split(data):
    result = data("imdb", "--data-dir", SMOKE)
    assert result.exit_code == 0, result.stderr
    cells = [line.split() for line in result.stdout.splitlines()]
    path = SMOKE / "imdb.npz"
    assert ["data_dir", str(path), hashlib.sha256(path.read_bytes()).hexdigest()] in cells
    assert ["train", "320", "160", "160"] in cells
    assert ["validation", "80", "40", "40"] in cells
    assert ["test", "200", "100", "100"] in cells
    assert f"reading {path}" in result.stderr


def test_of_series_it_counts_windows_and_rows(data):
    result = data("ridership", "--data-dir", SMOKE)
    assert result.exit_code == 0, result.stderr
    cells = [line.split() for line in result.stdout.splitlines()]
    assert ["split", "windows", "rows"] in cells
    assert ["validation", "26", "151"] in cells


def test_generated_series_have_no_source(data):
    cells = [line.split() for line in data("waves").stdout.splitlines()]
    assert ["train", "7,000", "357,000"] in cells
    assert data("waves", "--source", "cache").exit_code == 2


def test_the_data_directory_can_come_from_the_environment(data, monkeypatch):
    monkeypatch.setenv("SEQRUN_DATA_DIR", str(SMOKE))
    assert data("imdb").exit_code == 0


def test_data_that_cannot_be_had_is_exit_code_4_and_the_reason_is_told(data, tmp_path):
    result = data("imdb", "--source", "cache")
    assert result.exit_code == 4
    assert result.stdout == ""
    assert f"{tmp_path / 'keras' / 'datasets' / 'imdb.npz'} does not exist" in result.stderr
    assert "Traceback" not in result.output


def test_an_unknown_name_suggests_one(data):
    result = data("imbd")
    assert result.exit_code == 2
    assert "did you mean imdb?" in result.stderr


def test_a_dataset_of_ones_own_files_has_nothing_to_fetch(data):
    result = data("text")
    assert result.exit_code == 2
    assert "dataset.path" in result.stderr


def test_an_unknown_source_is_a_mistake_of_usage(data):
    assert data("imdb", "--source", "floppy").exit_code == 2


def test_it_reads_data_without_tensorflow(tmp_path):
    script = (
        "import sys; from seqrun.cli import main\n"
        f"try: main(['data', 'imdb', '--data-dir', {str(SMOKE)!r}])\n"
        "finally: assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "data_dir" in done.stdout


def test_a_path_cannot_be_pinned_without_a_config(data):
    result = data("imdb", "--source", "path")
    assert result.exit_code == 2
    assert "--source path" in result.stderr


def test_a_data_directory_that_is_not_there_is_exit_code_4(data, tmp_path):
    result = data("imdb", "--data-dir", tmp_path / "nope")
    assert result.exit_code == 4
    assert f"{tmp_path / 'nope'} is no directory" in result.stderr


def test_a_dataset_of_an_installed_package_can_be_named(data, tmp_path, monkeypatch):
    (tmp_path / "some_package.py").write_text("1 / 0")
    site = tmp_path / "some_package-1.0.dist-info"
    site.mkdir()
    (site / "METADATA").write_text("Metadata-Version: 2.1\nName: some-package\nVersion: 1.0\n")
    (site / "entry_points.txt").write_text("[seqrun.datasets]\nlent = some_package:Lent\n")
    monkeypatch.syspath_prepend(tmp_path)
    result = data("lent")
    assert result.exit_code == 2
    assert "the installed dataset 'lent' (some_package:Lent) cannot be loaded: ZeroDivisionError" in result.stderr


def test_prepared_data_are_kept_until_they_are_cleared(data, tmp_path, monkeypatch):
    monkeypatch.setattr("seqrun.datasets.files.prepared.WORTH_KEEPING", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    kept = tmp_path / "cache" / "seqrun" / "prepared"
    assert data("imdb", "--data-dir", SMOKE, "--no-cache").exit_code == 0
    assert not kept.exists()
    first, second = (data("imdb", "--data-dir", SMOKE) for _ in range(2))
    assert first.stdout == second.stdout
    assert "as prepared for an earlier run" in second.stderr
    assert data("--clear-cache").stdout.startswith("removed 1 prepared dataset (")
    assert not list(kept.iterdir())


def test_without_a_name_there_is_nothing_to_do(data):
    result = data()
    assert result.exit_code == 2
    assert "NAME" in result.stderr
