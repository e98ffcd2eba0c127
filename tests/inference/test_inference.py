"""A run's network is rebuilt from its directory alone."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from seqrun.cli import main
from seqrun.components.spec_json import spec_artifacts, spec_from_artifacts
from seqrun.components.splits import Spec
from seqrun.components.targets import ClassTarget, SeriesTarget
from seqrun.components.vocabulary import Vocabulary
from seqrun.errors import ConfigError, UsageError
from seqrun.inference.reading.samples import read_samples
from seqrun.inference.saved import read_saved
from seqrun.rundir.reading import read_run
from seqrun.tasks.classification.predict import classify

pytestmark = pytest.mark.usefixtures("undrawn_plots")
SMOKE = Path(__file__).parents[2] / "configs" / "smoke"
REVIEWS = SMOKE / "data" / "reviews.csv"
PLUGIN = """
from pathlib import Path
import keras
from seqrun.components import Architecture

(Path(__file__).parent / "was_run").touch()

class Average(Architecture):
    inputs = frozenset({"tokens"})
    tasks = frozenset({"classification"})
    width: int = 4

    def build(self, spec):
        tokens = keras.Input(spec.input_shape, dtype="int32")
        x = keras.layers.Embedding(spec.vocabulary.size, self.width)(tokens)
        x = keras.layers.GlobalAveragePooling1D()(x)
        return keras.Model(tokens, keras.layers.Dense(spec.target.units, spec.target.activation)(x))
"""


@pytest.fixture
def train(tmp_path):
    """Trains the smoke texts' config with these lines in place of its own sections."""

    def train(lines: str) -> Path:
        config = tmp_path / "own.yaml"
        config.write_text(f"extends: {SMOKE / 'text.yaml'}\n{lines}")
        command = ["train", str(config), "--set", "trainer.epochs=1", "--runs-dir", str(tmp_path / "runs")]
        result = CliRunner().invoke(main, [*command, "--progress", "none"], catch_exceptions=False)
        assert result.exit_code == 0, result.stderr
        return Path(result.stdout.strip())

    return train


def check_own_predictions(run: Path, **options) -> None:
    saved = read_saved(read_run(run), **options)
    results = classify(saved, read_samples(saved, REVIEWS))
    own = np.load(run / "predictions.npz")
    np.testing.assert_allclose(results.arrays["predictions"][own["index"]], own["predictions"], atol=1e-6)


def test_the_file_of_vectors_may_be_gone(train, tmp_path):
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("nolo 0.1 0.2 0.3 0.4 0.5\nnisa 1 2 3 4 5\n")
    run = train(f"architecture: {{name: conv1d, filters: 4, embedding: {{path: {vectors}}}}}\n")
    vectors.unlink()
    check_own_predictions(run)


def test_16_bit_arithmetic_is_the_runs_own(train):
    run = train("trainer: {precision: mixed_bfloat16}\n")
    check_own_predictions(run)
    saved = read_saved(read_run(run))
    assert saved.model.get_layer("embedding").compute_dtype == "bfloat16"


def test_plugins_are_code_and_run_only_when_that_is_allowed(train, tmp_path):
    (tmp_path / "own.py").write_text(PLUGIN)
    run = train("plugins: [own.py]\narchitecture: {name: average, width: 3}\n").rename(tmp_path / "moved")
    (tmp_path / "own.py").unlink()
    result = CliRunner().invoke(main, ["predict", str(run), "--text", "nolo"])
    assert result.exit_code == 2
    assert "--allow-plugins" in result.stderr
    assert str(run / "plugins" / "own.py") in result.stderr.replace("\n", "")
    assert not (run / "plugins" / "was_run").exists()
    check_own_predictions(run, allow_plugins=True)
    assert (run / "plugins" / "was_run").exists()


def test_weights_of_another_network_are_refused(train):
    run = train("")
    record = json.loads((run / "run.json").read_text())
    record["config"]["architecture"]["embedding_dim"] = 5
    (run / "run.json").write_text(json.dumps(record))
    with pytest.raises(UsageError, match="not the weights of the run's network"):
        check_own_predictions(run)
    record["config"]["architecture"]["embeding_dim"] = 5
    (run / "run.json").write_text(json.dumps(record))
    with pytest.raises(ConfigError, match="did you mean embedding_dim"):
        check_own_predictions(run)


SPECS = {
    "two classes of texts": Spec((32,), ClassTarget(("no", "yes")), Vocabulary(5, ("[PAD]", "é", "b", "c", "d"))),
    "bare ids": Spec((7,), ClassTarget(("a", "b", "c")), Vocabulary(5, None, "characters", False)),
    "a series": Spec((50, 2), SeriesTarget(("x", "y"), 10, None, False, (0.5, 1.0), (2.0, 3.0)), None, (1, 0)),
    "a sequence": Spec((50, 1), SeriesTarget(("x",), 10, tuple(range(50)))),
    "an iterated series": Spec((50, 1), SeriesTarget(("x",), 10, iterated=True), None, (0,)),
}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_spec_comes_back_as_it_was(spec):
    assert spec_from_artifacts(spec_artifacts(spec)) == spec


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"input_shape": [3], "target": {"kind": "other"}}'])
def test_what_is_no_spec_is_a_usage_error(content):
    with pytest.raises(UsageError, match=r"spec\.json does not say"):
        spec_from_artifacts({"spec.json": content})
