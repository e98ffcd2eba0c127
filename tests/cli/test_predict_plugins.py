"""A dataset of a user's own says how new input is read."""

from pathlib import Path

import commands
import pytest

pytestmark = pytest.mark.usefixtures("undrawn_plots")

PLUGIN = """
import numpy as np
from seqrun.components import ClassTarget, Dataset, Key, NewSamples, Reader, Spec, Split, Splits, Values


class Heights(Dataset):
    tasks = frozenset({"classification"})
    inputs = "values"

    def load(self, locations):
        samples = np.linspace(-1, 1, 60, dtype="float32").reshape(30, 2, 1)
        split = Split(samples, (samples[:, 0, 0] > 0).astype("int32"), np.arange(30))
        spec = Spec((2, 1), ClassTarget(("low", "high")), values=Values(("height",), (0.0,), (1.0,)))
        return Splits(spec, split, split, split)

    def reader(self, spec, artifacts):
        return InWords()


class InWords(Reader):
    endings = (".words",)

    def read(self, path, column=None):
        lines = path.read_text().splitlines()
        return self._of([line.split() for line in lines], [f"line {n}" for n in range(1, len(lines) + 1)])

    def texts(self, texts):
        return self._of([text.split() for text in texts], list(texts))

    def _of(self, words, names):
        numbers = [[[1.0 if word == "up" else -1.0] for word in each] for each in words]
        return NewSamples(np.array(numbers, "float32"), np.arange(len(words)), ids=Key.of("which", np.array(names)))
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    (folder / "heights.py").write_text(PLUGIN)
    (folder / "own.yaml").write_text(
        "plugins: [heights.py]\ndataset: heights\narchitecture: linear\ntrainer: {name: classifier, epochs: 1}\n"
    )
    return commands.train(folder / "own.yaml", folder / "runs")


def predict(run: Path, *arguments: object, code: int = 0):
    return commands.predict(run, "--allow-plugins", *arguments, code=code)


def test_files_and_texts_are_read_by_the_datasets_own_reader(run, tmp_path):
    (tmp_path / "new.words").write_text("up up\ndown up\n")
    rows = predict(run, "--input", tmp_path / "new.words").stdout.splitlines()[2:]
    assert [row.split()[:2] for row in rows] == [["line", "1"], ["line", "2"]]
    given = predict(run, "--text", "up up", "--text", "down up").stdout.splitlines()[2:]
    assert [row.split()[2:] for row in given] == [row.split()[2:] for row in rows]
    assert given[0].startswith("up up") and rows[0].split()[2:] != rows[1].split()[2:]


def test_files_that_it_does_not_read_are_refused(run, tmp_path):
    (tmp_path / "new.npy").write_bytes(b"")
    told = predict(run, "--input", tmp_path / "new.npy", code=2).stderr
    assert f"--input {tmp_path / 'new.npy'}: the ending is none of .words" in " ".join(told.split())
