"""`seqrun predict` on Parquet files: results are told apart by what the file calls its samples and their steps."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import arrays_of, predict, train_sections

pytestmark = pytest.mark.usefixtures("undrawn_plots")
IDS = [f"n{number:03}" for number in range(40)]
NETWORK = {"name": "conv1d", "filters": 2, "kernel_size": 2, "pool_size": 1}
START = np.datetime64("2026-03-01T06:00:00")


def steps(times: bool = True) -> pd.DataFrame:
    """A row a step: series of 3 to 6 steps, labelled as a whole and a step, their rows shuffled if times order them."""
    random, frames = np.random.default_rng(0), []
    for number, name in enumerate(IDS):
        level = random.normal(number % 2 * 5, 1, 3 + number % 4)
        minutes = START + np.arange(len(level)) * np.timedelta64(1, "m") + np.timedelta64(number, "h")
        of_step = np.where(level > 2.5, "high", "low")
        columns = {"run": name, "at": minutes, "level": level, "kind": "ab"[number % 2], "high": of_step}
        frames.append(pd.DataFrame(columns))
    table = pd.concat(frames, ignore_index=True)
    return table.sample(frac=1, random_state=1) if times else table


def train(folder: Path, dataset: dict, architecture: dict, trainer: str, **options) -> Path:
    dataset = {"name": "sequences", "path": "own.parquet", "sample": "run", "features": ["level"], **dataset}
    return train_sections(folder, dataset, architecture, {"name": trainer, "epochs": 1, **options})


def table_and_arrays(run: Path, folder: Path, *arguments) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    for name in ("out.csv", "out.npz"):
        predict(run, "--input", folder / "own.parquet", *arguments, "-o", folder / name)
    return pd.read_csv(folder / "out.csv"), arrays_of(folder / "out.npz")


@pytest.fixture
def folder(tmp_path) -> Path:
    steps().to_parquet(tmp_path / "own.parquet")
    return tmp_path


def test_the_tags_of_steps_come_with_sample_and_time(folder):
    network = {"name": "conv1d", "filters": 2, "kernel_size": 3, "pool_size": 1, "padding": "same"}
    run = train(folder, {"time": "at", "labels": "high", "label_each": "step"}, network, "tagger")
    table, arrays = table_and_arrays(run, folder)
    assert list(table) == ["run", "at", "level", "kind", "high", "tag", "probability"]
    own = steps().assign(at=lambda own: own["at"].astype(str))
    joined = own.merge(table, on=[*own], validate="1:1")  # the file's own columns are as they were
    assert len(joined) == len(table) == len(steps())
    given = steps().sort_values(["run", "at"])
    by_sample = table.sort_values(["run", "at"])
    assert by_sample["at"].tolist() == given["at"].astype(str).tolist()
    real = arrays["predicted"] >= 0
    np.testing.assert_array_equal(np.isnat(arrays["at"]), ~real)
    cells = pd.DataFrame({"run": np.repeat(arrays["run"], real.sum(axis=1)), "at": arrays["at"][real]})
    assert cells["run"].tolist() == table["run"].tolist()
    assert cells["at"].astype(str).tolist() == table["at"].tolist()
    np.testing.assert_allclose(arrays["predictions"].max(axis=2)[real], table["probability"], rtol=1e-7)
    head, _, first, *_ = predict(run, "--input", folder / "own.parquet").stdout.splitlines()
    assert head.split() == ["run", "at", "tag", "probability"]
    assert first.split()[:3] == [table["run"][0], *table["at"][0].split()]


def test_classes_come_with_the_sample(folder):
    run = train(folder, {"time": "at", "labels": "kind"}, NETWORK, "classifier")
    table, arrays = table_and_arrays(run, folder)
    assert list(table)[:4] == [
        "run",
        "kind",
        "high",
        "predicted",
    ]  # of its columns those that a sample has one value of
    assert sorted(table["run"]) == IDS
    assert table["kind"].tolist() == ["ab"[int(name[1:]) % 2] for name in table["run"]]
    assert table["run"].tolist() == arrays["run"].tolist() == steps()["run"].unique().tolist()
    lines = predict(run, "--input", folder / "own.parquet").stdout.splitlines()
    assert [line.split()[0] for line in lines[2:]] == table["run"].tolist()


def test_an_autoencoders_results_come_with_the_sample_even_where_it_is_called_like_one_of_them(folder):
    network = {"name": "conv_autoencoder", "filters": 2, "latent_dim": 2}
    own = steps(times=False).drop(columns=["kind", "high"])
    own["errors"] = own.pop("run").str[1:].astype(int) + 100  # what the npz calls an array of its own
    odd = own["errors"] == 117
    own.to_parquet(folder / "own.parquet")
    run = train(folder, {"sample": "errors"}, network, "autoencoder", false_alarm_rate=0.2)
    own.loc[odd, "level"] = 1e4
    own.to_parquet(folder / "own.parquet")
    table, arrays = table_and_arrays(run, folder)
    assert list(table) == ["errors", "error", "anomalous"]
    assert table["errors"].tolist() == list(range(100, 140))
    assert arrays["errors_"].tolist() == [*map(str, range(100, 140))]  # ids are text
    assert table["anomalous"].tolist() == arrays["anomalous"].tolist()
    assert table["anomalous"][17]
    named = predict(run, "--input", folder / "own.parquet").stderr.strip()
    assert named.endswith(": errors " + ", ".join(map(str, table["errors"][table["anomalous"]])))
    codes, _ = table_and_arrays(run, folder, "--encode")
    assert list(codes) == ["errors", "code_1", "code_2"]


def test_a_sample_may_be_called_by_a_column_of_any_name(folder):
    steps().rename(columns={"run": "file"}).to_parquet(folder / "own.parquet")
    run = train(folder, {"sample": "file", "time": "at", "labels": "kind"}, NETWORK, "classifier")
    table, arrays = table_and_arrays(run, folder)
    assert arrays["file"].tolist() == table["file"].tolist() == steps()["run"].unique().tolist()
