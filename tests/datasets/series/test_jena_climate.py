"""The weather at Jena: the published layout, row ranges, the zip that it is published as, and memory."""

import csv
import io
import subprocess
import sys
import threading
import zipfile
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from seqrun.datasets.series.encoding import SeriesEncoder
from seqrun.datasets.series.jena_climate import FILE, JenaClimate
from seqrun.errors import DataError

SMOKE = Path(__file__).parents[3] / "configs" / "smoke" / "data" / FILE
RANGES = {"train": [0, 299], "validation": [300, 399], "test": [400, None]}
SMALL = {"path": SMOKE, "lookback": 36, "step": 3, "delay": 6, "splits": RANGES}


@pytest.fixture(scope="module")
def published():
    """(rows, 14) the smoke file's values, read by hand."""
    with SMOKE.open() as file:
        return np.array([row[1:] for row in list(csv.reader(file))[1:]], float)


def test_inputs_are_all_columns_but_the_time_and_the_target_is_the_temperature(locations, published):
    splits = JenaClimate(**SMALL).load(locations)
    assert splits.spec.input_shape == (12, 14)
    assert splits.spec.target.names == ("T (degC)",)
    assert splits.spec.target_features == (1,)
    mean, deviation = published[:300].mean(axis=0), published[:300].std(axis=0)
    windows = splits.validation
    start = windows.starts[7]
    assert start == 307
    expected = (published[[start + 3 * t for t in range(12)]] - mean) / deviation
    np.testing.assert_allclose(windows.features[start + windows.input_rows], expected, rtol=1e-4, atol=1e-5)
    assert windows.values[start + windows.target_rows[0], 0] == published[start + 36 + 6, 1]
    assert splits.spec.target.original(0.0) == pytest.approx([mean[1]])


def test_windows_of_the_default_ranges_are_counted_as_the_book_counts_rows():
    dataset = JenaClimate()
    assert (dataset.lookback, dataset.step, dataset.delay, dataset.horizon) == (1440, 6, 144, 1)
    assert dataset.splits.model_dump() == {
        "train": [0, 200_000],
        "validation": [200_001, 300_000],
        "test": [300_001, None],
    }
    assert dataset.sample_shape() == (240, 14)


def test_a_shorter_file_needs_other_splits_and_the_error_says_so(locations):
    with pytest.raises(DataError, match=r"goes to row 200,000, but there are 500 rows .*fractions such as splits: \["):
        JenaClimate(path=SMOKE).load(locations)
    short = JenaClimate(path=SMOKE, lookback=36, step=3, delay=6, splits=[0.6, 0.2, 0.2]).load(locations)
    assert short.train.segments == ((0, 300),)


def test_a_file_with_fewer_columns_is_read_too(tmp_path, locations):
    with SMOKE.open() as file:
        rows = [row[:12] for row in csv.reader(file)]
    path = tmp_path / "head.csv"
    path.write_text("\n".join(",".join(row) for row in rows))
    assert JenaClimate(**{**SMALL, "path": path}).load(locations).spec.input_shape == (12, 11)


def test_rows_stand_as_published_even_twice(tmp_path, locations):
    lines = SMOKE.read_text().splitlines()
    path = tmp_path / "twice.csv"
    path.write_text("\n".join([*lines[:100], *lines[90:], ""]))
    splits = JenaClimate(**{**SMALL, "path": path}).load(locations)
    assert len(splits.test.features) == 510
    assert splits.warnings == ()


def test_a_cell_without_a_number_is_named_with_its_line(tmp_path, locations):
    lines = SMOKE.read_text().splitlines()
    lines[41] = lines[41].rpartition(",")[0] + ",south"
    path = tmp_path / "bad.csv"
    path.write_text("\n".join(lines))
    with pytest.raises(DataError, match=r"\n  line 42, wd \(deg\): 'south'"):
        JenaClimate(**{**SMALL, "path": path}).load(locations)


def test_the_last_window_of_a_file_is_that_of_its_last_rows(locations, published):
    splits = JenaClimate(**SMALL).load(locations)
    last = SeriesEncoder.from_artifacts(splits.artifacts).last_windows(SMOKE)
    np.testing.assert_array_equal(last.inputs[0], splits.test.features[500 - 36 :: 3])
    assert str(last.history_times[0, -1]) == "2009-01-04T11:20:00.000000"
    assert str(last.times[0, 0]) == "2009-01-04T12:30:00.000000"  # 1 + 6 rows later
    np.testing.assert_allclose(last.history[0, :, 0], published[-36:, 1])


# --- where it comes from ----------------------------------------------------------------------------------------------


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path):
    """A folder, and the address at which it is served."""
    folder = tmp_path / "server"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder)) as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield folder, f"http://127.0.0.1:{running.server_port}/{FILE}.zip"
        running.shutdown()


@pytest.fixture
def served(server):
    """A JenaClimate that is downloaded from there."""

    class Served(JenaClimate):
        wanted: ClassVar = replace(JenaClimate.wanted, remote=replace(JenaClimate.wanted.remote, url=server[1]))

    return Served(**{**SMALL, "path": None})


def zipped(name=FILE):
    """As published: with what a Mac adds."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(SMOKE, name)
        archive.writestr(f"__MACOSX/._{name}", b"\0\5\x16\7")
    return packed.getvalue()


def test_the_zip_is_downloaded_and_unpacked_into_keras_cache(server, served, locations, keras_cache, told):
    (server[0] / f"{FILE}.zip").write_bytes(zipped())
    splits = served.load(locations)
    assert splits.sources[0].kind == "download"
    assert splits.sources[0].path == keras_cache / FILE
    assert [entry.name for entry in keras_cache.iterdir()] == [FILE]
    assert (keras_cache / FILE).read_bytes() == SMOKE.read_bytes()
    assert any("gives no checksum" in line for line in told)
    assert served.load(locations).sources[0].kind == "cache"


def test_a_zip_that_keras_has_kept_is_unpacked(served, locations, keras_cache):
    keras_cache.mkdir(parents=True)
    (keras_cache / f"{FILE}.zip").write_bytes(zipped())
    assert served.load(locations).sources[0].kind == "cache"
    assert (keras_cache / FILE).read_bytes() == SMOKE.read_bytes()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (zipped("other.csv"), f"no whole zip archive with {FILE} in it"),
        (zipped()[:-100], f"no whole zip archive with {FILE} in it"),
        (b"\n<!DOCTYPE html><html>please log in</html>", "a web page came instead of the file"),
    ],
    ids=["another file", "cut off", "web page"],
)
def test_what_is_no_such_zip_leaves_nothing_behind(server, served, locations, keras_cache, content, message):
    (server[0] / f"{FILE}.zip").write_bytes(content)
    with pytest.raises(DataError, match=message):
        served.load(locations)
    assert list(keras_cache.iterdir()) == []


# --- memory -----------------------------------------------------------------------------------------------------------

MEASURED = """
import resource, sys
from pathlib import Path
import numpy, pandas, pyarrow
from seqrun.components import Locations
from seqrun.datasets.series import windowed
from seqrun.datasets.series.jena_climate import JenaClimate

def peak():  # MB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / (1024 if sys.platform == "darwin" else 1)

before = peak()
splits = JenaClimate(path=Path(sys.argv[1])).load(Locations(None, lambda event: None))
print(len(splits.train), len(splits.validation), len(splits.test), peak() - before)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no resource module")
def test_the_whole_file_is_windowed_in_little_memory(tmp_path):
    import pandas as pd
    import pyarrow as pa
    import pyarrow.csv

    rows, rng = 420_551, np.random.default_rng(0)
    times = pd.date_range("2009-01-01 00:10", periods=1000, freq="10min").strftime("%d.%m.%Y %H:%M:%S")
    table = {"Date Time": np.resize(times.to_numpy(object), rows)}
    with SMOKE.open() as file:
        names = next(csv.reader(file))[1:]
    table |= {name: rng.integers(-1000, 1000, rows) / 100 for name in names}
    pyarrow.csv.write_csv(pa.table(table), tmp_path / FILE)
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(tmp_path / FILE)], capture_output=True, text=True, check=True
    )
    *windows, megabytes = map(float, done.stdout.split())
    assert windows == [200_001 - 1584, 100_000 - 1584, 120_550 - 1584]
    assert megabytes < 300  # the windows, written out, would take 5 GB
