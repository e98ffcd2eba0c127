"""Damaged run directories: a clear error or a skipped row, within a second and 500 MB, whatever is wrong with them."""

from __future__ import annotations

import json
import resource
import shutil
import time
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random

import h5py
import numpy as np
import pytest
from click.testing import CliRunner
from commands import SMOKE
from fuzz.counts import FEW, examples
from fuzz.mutate import mutated
from fuzz.structure import odd_csv, odd_json

from seqrun.cli import main
from seqrun.components.locations import Locations
from seqrun.components.spec_json import spec_artifacts
from seqrun.components.splits import Splits, Windows
from seqrun.components.targets import Reconstruction
from seqrun.config.experiment import load_experiment
from seqrun.errors import SeqrunError
from seqrun.inference.saved import read_saved
from seqrun.inference.weights import check_weights
from seqrun.rundir.directory import RunDirectory
from seqrun.rundir.npz import compressed_npz
from seqrun.rundir.reading import read_run

SECONDS, KILOBYTES = 1.0, 500_000
PARTS = 4  # of the directories, for as many workers
FORMATS = ("table", "md", "csv", "json")
FIGURES = {"loss": 0.5, "accuracy": 0.75, "auc": 0.8, "mae": 1.5, "coverage": 0.9, "interval_level": 0.9}
SCORES = {"threshold": 0.5, "precision": 0.5, "recall": 0.5, "f1": 0.5, "average_precision": None, "support": 3}
STEPS = {"mae": [0.1, 0.2, 0.3]}
FOLD = {
    "fold": 1,
    "windows": {"train": 9, "test": 3},
    "metrics": {"mae": 1.0},
    "baselines": {"last_value": {"mae": 2.0}},
}
DETAILS = {
    "classifier": {},
    "multilabel": {"labels": {"a": SCORES, "b": SCORES}},
    "forecaster": {
        "by_step": {"test": STEPS, "baselines": {"last_value": STEPS}},
        "backtest": [FOLD, FOLD],
        "backtest_shares": ["scales"],
    },
    "autoencoder": {"anomaly": {"threshold": 0.1, "false_alarm_rate": 0.05, "test_rate": 0.1}},
    "tagger": {"tags": {"O": SCORES}, "spans": {"": SCORES}},
    "regressor": {"by_target": {"test": {"x": FIGURES}, "baselines": {"mean": {"x": FIGURES}}}},
}
EXAMPLES = {
    "classifier": {"row": 1, "text": "a b", "target": "no", "prediction": "yes", "probability": 0.5},
    "multilabel": {"row": 1, "text": "a b", "labels": ["a"], "predicted_labels": []},
    "tagger": {"row": 1, "tokens": ["a", "b"], "targets": ["O", "O"], "predictions": ["O", "B"]},
    "regressor": {"row": 1, "text": "a b", "numbers": {"x": {"target": 1.0, "prediction": 2.0}}},
}
CONFIGS = ("text", "multilabel", "series", "mnist_vae", "tagger", "regressor")


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> list[Path]:
    """A run of each task, as a training leaves it, with invented figures and weights."""
    return [made(tmp_path_factory.mktemp("whole"), name) for name in CONFIGS]


def made(folder: Path, config: str) -> Path:
    experiment = load_experiment(SMOKE / f"{config}.yaml")
    trainer = experiment.trainer.name
    splits = experiment.dataset.load(Locations(None, lambda event: None))
    with RunDirectory.create(folder, config) as run:
        times = {"started": "2026-11-22T04:15:30.000+00:00", "finished": "2026-11-22T04:16:30.000+00:00"}
        run.update(status="finished", name=experiment.name, seed=1, argv=["train"], device="CPU", threads=2, **times)
        run.update(config=experiment.resolved(), metric_directions=experiment.trainer.directions())
        sources = [{"kind": each.kind, "path": str(each.path), "sha256": each.sha256} for each in splits.sources]
        rows = {name: len(getattr(splits, name)) for name in ("train", "validation", "test")}
        counted = {"of": "class", **{name: {"no": 1, "yes": 2} for name in rows}}
        data = {"name": config, "sources": sources, "rows": rows, "test_sha256": "ab", "counts": counted}
        run.update(data={**data, "unknown_tokens": dict.fromkeys(rows, 0.5)})
        for name, content in {**spec_artifacts(splits.spec), **splits.artifacts}.items():
            run.write_bytes(f"artifacts/{name}", content)
        counts = {"total": 5, "trainable": 3, "non_trainable": 2}
        run.update(parameters={**counts, "encoder": counts}, durations={"fit": 1.5}, seconds=2.5, warnings=["it lost"])
        run.update(git={"commit": "ab", "dirty": True}, packages={"keras": "3"}, cpu={"count": 2}, host="h")
        for epoch in (1, 2, 3):
            row = {f"{side}{name}": value / epoch for name, value in FIGURES.items() for side in ("", "val_")}
            run.add_epoch({"epoch": epoch, **row, "learning_rate": 0.01, "seconds": 0.5})
        scores = dict.fromkeys(("train", "validation", "test"), FIGURES)
        baselines = {"baselines": {"majority": FIGURES}, "skill": 0.5}
        run.write_json("metrics.json", {"best_epoch": 2, **scores, **baselines, **DETAILS[trainer]})
        run.write_bytes("predictions.npz", compressed_npz(predicted(splits)))
        if trainer in EXAMPLES:
            run.write_bytes("artifacts/examples.json", json.dumps([EXAMPLES[trainer]] * 3).encode())
        run.update(status="finished")
    with h5py.File(run.path / "model.weights.h5", "w") as file:
        for layer in ("dense", "embedding"):
            for number, shape in enumerate(((30, 8), (8,))):
                file[f"layers/{layer}/vars/{number}"] = np.ones(shape, np.float32)
            file[f"layers/{layer}/vars"].attrs["name"] = layer
    return run.path


def predicted(splits: Splits) -> dict[str, np.ndarray]:
    """The arrays of predictions.npz, as each task keeps them, with invented numbers."""
    test, count = splits.test, len(splits.test)
    if isinstance(test, Windows):
        return {"index": test.index, "targets": test.actual(), "predictions": test.actual() + 1}
    if isinstance(splits.spec.target, Reconstruction):
        arrays = {"targets": test.inputs, "predictions": test.inputs, "codes": np.ones((count, 4), np.float32)}
        return {"index": test.index, **arrays, "errors": np.ones(count, np.float32)}
    shape = (count, *splits.spec.output_shape)
    return {"index": test.index, "targets": test.targets, "predictions": np.full(shape, 0.5, np.float32)}


def damage(run: Path, random: Random) -> str:
    """Damage one or two files of the run, half the time of a run without hashes; return which."""
    if random.random() < 0.5:
        record = json.loads((run / "run.json").read_bytes())
        record.pop("files_sha256")
        (run / "run.json").write_text(json.dumps(record))
    files = sorted(file for file in run.rglob("*") if file.is_file() and file.name not in (".lock", "log.txt"))
    plain = [run / "run.json", run / "metrics.json", run / "history.csv"]
    kept = [file for file in files if file.parent.name == "artifacts" or file.suffix == ".h5"]
    chosen = [*dict.fromkeys(random.choices([*plain, *plain, *files, *kept], k=random.choice((1, 1, 1, 2))))]
    for file in chosen:
        content = file.read_bytes()
        by_structure = random.random() < 0.6
        match file.suffix:
            case ".json" if by_structure and _is_json(content):
                file.write_bytes(odd_json(content, random))
            case ".csv" if by_structure and content.isascii():
                file.write_bytes(odd_csv(content, random))
            case _:
                file.write_bytes(mutated(content, random))
        if random.random() < 0.03:
            file.unlink()
    return ", ".join(file.name for file in chosen)


def _is_json(content: bytes) -> bool:
    try:
        return isinstance(json.loads(content), (dict, list))
    except ValueError:
        return False


def command(*arguments: object) -> str:
    """Run a command and return how it ended: done or refused; fail if it ended in any other way."""
    result = CliRunner().invoke(main, [*map(str, arguments)])
    expected = result.exception is None or isinstance(result.exception, SystemExit)
    assert expected, f"{type(result.exception).__name__}: {result.exception}"
    failed_check = arguments[0] == "check" and result.exit_code == 1
    assert failed_check or result.exit_code in (0, 2, 4), result.stderr
    assert "Traceback" not in result.stderr
    return "refused" if result.exit_code else "skipped" if "note: skipped" in result.stderr else "done"


def load(run: Path) -> str:
    """Load what predict loads before it builds the network, and return how that ended."""
    try:
        saved = read_saved(read_run(run))
        samples = saved.reader.texts(["nolo nisa", "the a"])
        assert samples is None or len(samples.inputs) == 2
        check_weights(saved.run)
    except SeqrunError as error:
        assert error.exit_code in (2, 4)
        assert str(error)
        return "refused"
    return "done"


@pytest.mark.parametrize("part", range(PARTS))
def test_damaged_run_directories_are_refused_or_skipped(part, whole, tmp_path, capsys):
    ended: Counter[str] = Counter()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for seed in range(part, examples(), PARTS):
        random = Random(seed)
        good = random.choice(whole)
        run = shutil.copytree(random.choice(whole), tmp_path / "run")
        damaged = damage(run, random)
        tries = {
            "show": partial(command, "show", run),
            "show --json": partial(command, "show", run, "--json"),
            "compare": partial(command, "compare", run, good, "--format", random.choice(FORMATS)),
            "report": partial(command, "report", run, good, "--format", random.choice(("html", "md"))),
            "check": partial(command, "check", run, "--against", good, "--tolerance", "loss=5%", "--two-sided"),
            "diff": partial(command, "diff", run, good, random.choice(("--samples", "--no-samples"))),
            "diff --json": partial(command, "diff", good, run, "--no-samples", "--json"),
            "predict": partial(load, run),
        }
        for name, tried in tries.items():
            started = time.process_time()
            try:
                ended[f"{name}: {tried()}"] += 1
            except Exception as error:
                raise AssertionError(f"seed {seed}, {damaged} damaged: {name}: {error}") from error
            assert time.process_time() - started < SECONDS, f"seed {seed}, {damaged} damaged: {name} took too long"
        shutil.rmtree(run)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < KILOBYTES
    if examples() > FEW:
        with capsys.disabled():
            print(f"\n{sum(ended.values()):,} tries: {dict(sorted(ended.items()))}")
