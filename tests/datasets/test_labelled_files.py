"""A file of new, labelled samples is read as a run's own data were: the rows of a test split give that split."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from commands import SMOKE

from seqrun.components.base import Dataset
from seqrun.components.locations import Locations
from seqrun.components.reading import LabelledSamples
from seqrun.components.splits import Split, Splits, Windows
from seqrun.components.targets import Reconstruction
from seqrun.config.experiment import load_experiment
from seqrun.errors import DataError, InputError
from seqrun.inference.reading.readers import reader_for

DATA = SMOKE / "data"
LEVELS = {"a": 1, "b": 100}  # of two series


def loaded(name: str, **changes: Any) -> tuple[Dataset, Splits]:
    """The dataset of a smoke config, and its splits as the network reads them."""
    experiment = load_experiment(SMOKE / f"{name}.yaml")
    dataset = type(experiment.dataset).model_validate({**experiment.dataset.model_dump(), **changes})
    splits = dataset.load(Locations(None, lambda event: None))
    return dataset, replace(splits, spec=experiment.architecture.accept(splits.spec))


def read(dataset: Dataset, splits: Splits, path: Path, **how: str) -> LabelledSamples:
    return reader_for(dataset, splits.spec, splits.artifacts).labelled(path, splits.spec, **how)


def assert_same(found: Split | Windows, test: Split | Windows) -> None:
    """The samples and targets are equal; their rows are those of another file."""
    assert isinstance(found, Split)
    assert isinstance(test, Split)
    np.testing.assert_array_equal(found.inputs, test.inputs)
    np.testing.assert_array_equal(found.targets, test.targets)


def rows(file: str, splits: Splits) -> pd.DataFrame:
    """The rows of a smoke file that are the test split, as text."""
    return pd.read_csv(DATA / file, dtype=str, keep_default_na=False).iloc[splits.test.index]


@pytest.mark.parametrize(
    ("config", "file"), [("text", "reviews.csv"), ("multilabel", "topics.csv"), ("regressor", "wines.csv")]
)
def test_texts_with_a_class_labels_or_numbers(config, file, tmp_path):
    dataset, splits = loaded(config)
    rows(file, splits).to_csv(tmp_path / "new.csv", index=False)
    rows(file, splits).to_json(tmp_path / "new.jsonl", orient="records", lines=True)
    rows(file, splits).to_parquet(tmp_path / "new.parquet", index=False)
    for path in sorted(tmp_path.iterdir()):
        assert_same(read(dataset, splits, path).split, splits.test)


def test_labels_in_a_column_each(tmp_path):
    own = pd.read_csv(DATA / "topics.csv", dtype=str, keep_default_na=False)
    names = ["music", "sport", "travel", "weather"]
    for name in names:
        own[name] = [str(name in cell.split(";")).lower() for cell in own["topics"]]
    own.to_csv(tmp_path / "own.csv", index=False)
    dataset, splits = loaded("multilabel", path=tmp_path / "own.csv", label=None, labels_separator=None, labels=names)
    own.iloc[splits.test.index].to_csv(tmp_path / "new.csv", index=False)
    assert_same(read(dataset, splits, tmp_path / "new.csv").split, splits.test)
    with pytest.raises(InputError, match=r"4 columns of labels \(music, sport, travel, weather\)"):
        read(dataset, splits, tmp_path / "new.csv", label="topics")


def test_labels_that_are_merged_in_the_run_are_merged_again(tmp_path):
    dataset, splits = loaded("text", labels={"merge": {"fair": "good"}})
    rows("reviews.csv", splits).to_csv(tmp_path / "new.csv", index=False)
    assert splits.spec.target.labels == ("bad", "good")
    assert_same(read(dataset, splits, tmp_path / "new.csv").split, splits.test)


def test_tagged_sentences(tmp_path):
    dataset, splits = loaded("tagger")
    sentences = [each for each in (DATA / "tagged.txt").read_text().split("\n\n") if "DOCSTART" not in each]
    (tmp_path / "new.txt").write_text("\n\n".join(sentences[number].strip() for number in splits.test.index) + "\n")
    assert_same(read(dataset, splits, tmp_path / "new.txt").split, splits.test)
    (tmp_path / "strange.txt").write_text("Anna PROPN B-ORG\n. PUNCT O\n\nAnna PROPN B-PER\n")
    with pytest.raises(DataError, match=r"1 token with tags that the run never saw: B-ORG \(1\); it knows O, B-LOC"):
        read(dataset, splits, tmp_path / "strange.txt")
    skipping = type(dataset).model_validate({**dataset.model_dump(), "bad_rows": "skip"})
    left = read(skipping, splits, tmp_path / "strange.txt")
    assert len(left.split) == 1
    assert any("1 sentence left out (bad_rows: skip)" in told for told in left.warnings)


def test_samples_in_arrays_whatever_the_split_is_called(tmp_path):
    dataset, splits = loaded("sequences")
    with np.load(DATA / "sequences.npz") as own:
        x, y = (own[name][splits.test.index] for name in ("x", "y"))
    np.savez(tmp_path / "new.npz", x=x, y=y)
    assert_same(read(dataset, splits, tmp_path / "new.npz").split, splits.test)
    np.savez(tmp_path / "new.npz", x_test=x, y_test=y, kinds=y)
    assert_same(read(dataset, splits, tmp_path / "new.npz", column="x_test").split, splits.test)
    assert_same(read(dataset, splits, tmp_path / "new.npz", column="x_test", label="kinds").split, splits.test)
    np.savez(tmp_path / "new.npz", x=x, y=np.where(np.arange(len(y)) == 3, "star", y))
    with pytest.raises(DataError, match=r"x\[3\]: 'star' is none of the run's classes; they are circle, line, zigzag"):
        read(dataset, splits, tmp_path / "new.npz")


def test_samples_without_labels_in_an_array_that_stands_alone(tmp_path):
    with np.load(DATA / "sequences.npz") as own:
        x = own["x"]
    dataset, splits = loaded("sequences")
    spec = replace(splits.spec, target=Reconstruction(splits.spec.input_shape))
    np.save(tmp_path / "new.npy", x[splits.test.index])
    unlabelled = type(dataset).model_validate({**dataset.model_dump(), "labels": None})
    found = read(unlabelled, replace(splits, spec=spec), tmp_path / "new.npy")
    np.testing.assert_array_equal(found.split.inputs, splits.test.inputs)
    with pytest.raises(InputError, match=r"new\.npy has no labels; a \.npz file has them in an array beside"):
        read(dataset, splits, tmp_path / "new.npy")


def test_samples_with_a_matrix_of_labels_or_with_numbers(tmp_path):
    with np.load(DATA / "sequences.npz") as own:
        x = own["x"]
    y = np.random.default_rng(0).integers(0, 2, (len(x), 3))
    np.savez(tmp_path / "own.npz", x=x, y=y)
    dataset, splits = loaded("sequences", path=tmp_path / "own.npz")
    np.savez(tmp_path / "new.npz", x=x[splits.test.index], y=y[splits.test.index])
    assert_same(read(dataset, splits, tmp_path / "new.npz").split, splits.test)

    dataset, splits = loaded("regressor_sequences")
    with np.load(DATA / "swings.npz") as own:
        np.savez(tmp_path / "new.npz", **{name: array[splits.test.index] for name, array in own.items()})
    assert_same(read(dataset, splits, tmp_path / "new.npz").split, splits.test)


def test_samples_in_rows_with_a_column_a_step_and_their_label_beside(tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(60, 5)).round(3), columns=[f"s{n}" for n in range(5)])
    frame["kind"] = np.where(np.arange(60) % 3, "often", "seldom")
    frame.to_csv(tmp_path / "own.csv", index=False)
    dataset, splits = loaded("sequences", path=tmp_path / "own.csv", sample=None, labels="kind")
    frame.iloc[splits.test.index].to_csv(tmp_path / "new.csv", index=False)
    found = read(dataset, splits, tmp_path / "new.csv")
    assert_same(found.split, splits.test)
    assert found.samples is not None
    assert [*found.samples.own["kind"]] == frame["kind"].iloc[splits.test.index].tolist()


def test_an_array_of_series_gives_the_windows_of_its_table(tmp_path):
    dataset, splits = loaded("series", calendar=[])
    own = pd.read_csv(DATA / "series.csv")[:200]
    own.to_csv(tmp_path / "new.csv", index=False)
    np.save(tmp_path / "new.npy", own[["load", "temperature", "wind"]].to_numpy())
    table, array = (read(dataset, splits, tmp_path / f"new.{ending}") for ending in ("csv", "npy"))
    assert isinstance(table.split, Windows) and isinstance(array.split, Windows)
    np.testing.assert_array_equal(array.split.inputs(), table.split.inputs())
    np.testing.assert_array_equal(array.split.actual(), table.split.actual())
    np.save(tmp_path / "new.npy", np.stack([own[["load", "temperature", "wind"]].to_numpy()] * 2))
    both = read(dataset, splits, tmp_path / "new.npy")
    assert len(both.split) == 2 * len(table.split) and [*both.series] == ["0", "1"]
    hidden = type(dataset).model_validate({**dataset.model_dump(), "features": ["wind"]})
    with pytest.raises(InputError, match="an array has the run's features, and load is none; give a table"):
        read(hidden, hidden.load(Locations(None, lambda event: None)), tmp_path / "new.npy")


@pytest.mark.parametrize("each", ["sample", "step"])
def test_samples_in_rows_of_steps_with_labels_of_samples_or_steps(each, tmp_path):
    random = np.random.default_rng(0)
    lengths = random.integers(3, 7, 60)
    frame = pd.DataFrame({"id": np.repeat(np.arange(60), lengths), "a": random.normal(size=lengths.sum()).round(3)})
    high = frame["a"] > 0 if each == "step" else frame["id"] % 2 == 0
    frame["kind"] = np.where(high, "high", "low")
    frame.to_csv(tmp_path / "own.csv", index=False)
    own = {"path": tmp_path / "own.csv", "sample": "id", "labels": "kind", "label_each": each, "max_len": 5}
    dataset, splits = loaded("sequences", **own)
    chosen = pd.concat([frame[frame["id"] == number] for number in splits.test.index])
    chosen.to_csv(tmp_path / "new.csv", index=False)
    found = read(dataset, splits, tmp_path / "new.csv")
    assert_same(found.split, splits.test)
    assert any(
        "have more than the 5 steps that the network reads, and are cut there" in told for told in found.warnings
    )
    assert found.samples is not None
    assert found.samples.keys == {"id": [*map(str, splits.test.index)]}


@pytest.mark.parametrize("per_series", [False, True])
def test_windows_of_a_file_of_series(per_series, tmp_path):
    days, random = pd.date_range("2024-01-01", periods=100), np.random.default_rng(0)
    sales = {name: level * (2 + np.sin(np.arange(100)) + random.normal(size=100)) for name, level in LEVELS.items()}
    own = pd.concat(pd.DataFrame({"day": days, "shop": name, "sales": sold}) for name, sold in sales.items())
    own.to_csv(tmp_path / "own.csv", index=False)
    scaler = {"name": "standard", "per": "series"} if per_series else "standard"
    wanted = {"path": tmp_path / "own.csv", "time": "day", "series_id": "shop", "targets": ["sales"], "scaler": scaler}
    changes = {**wanted, "features": None, "calendar": [], "lookback": 7, "horizon": 2}
    dataset, splits = loaded("series", **changes)
    last = own[own["day"] >= days[80]]
    last[::-1].to_csv(tmp_path / "new.csv", index=False)  # with the series in another order, and late rows first
    found = read(dataset, splits, tmp_path / "new.csv")
    assert isinstance(found.split, Windows)
    assert isinstance(splits.test, Windows)
    order = np.argsort(found.split.times[found.split.index], kind="stable")  # of both series at one time
    assert len(order) == len(splits.test)
    assert sorted(found.split.actual().ravel()) == sorted(splits.test.actual().ravel())
    target = (found.spec or splits.spec).target
    names = np.array(found.series)[found.split.sample_series]
    own_names = np.array(["a", "b"])[splits.test.sample_series]
    for name in ("a", "b"):
        ours, theirs = found.split.taken(names == name), splits.test.taken(own_names == name)
        np.testing.assert_array_equal(ours.inputs(), theirs.inputs())
        np.testing.assert_array_equal(ours.actual(), theirs.actual())
        units, expected = (
            kind.units_of(windows.sample_series) for kind, windows in ((target, ours), (splits.spec.target, theirs))
        )
        np.testing.assert_array_equal(np.broadcast_to(units.scale, expected.scale.shape), expected.scale)
