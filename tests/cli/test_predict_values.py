"""`seqrun predict` on samples of numbers, in their own units: with an autoencoder, and with a classifier."""

import json
import re
import shutil
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import arrays_of, predict, train_sections, without_hashes

from seqrun.inference.saved import read_saved
from seqrun.rundir.reading import read_run

pytestmark = pytest.mark.usefixtures("undrawn_plots")
LATENT, TIME = 2, 9
UNITS = np.array([[1000.0, 0.01]])  # far from 1


def train(folder: Path, dataset: dict, architecture: dict, trainer: dict) -> Path:
    trainer = {"epochs": 1, "optimizer": {"name": "adam", "learning_rate": 0.01}, **trainer}
    return train_sections(folder, dataset, architecture, trainer)


def arrays(run: Path, folder: Path, *arguments) -> dict[str, np.ndarray]:
    """What the run writes to a .npz file."""
    assert predict(run, *arguments, "-o", folder / "out.npz").stdout == ""
    return arrays_of(folder / "out.npz")


def own(run: Path) -> dict[str, np.ndarray]:
    return arrays_of(run / "predictions.npz")


# --- pictures, of which a step is a column ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def digits(tmp_path_factory) -> Path:
    """Pictures in Keras' layout: a bright bar, higher for each class, that fades from left to right."""
    random = np.random.default_rng(0)
    pictures = random.integers(0, 60, (100, 28, 28))
    for number, picture in enumerate(pictures):
        picture[2 + 2 * (number % 10) :][:4] += np.linspace(190, 40, 28, dtype=int)
    labels, path = np.arange(100, dtype=np.uint8) % 10, tmp_path_factory.mktemp("digits") / "mnist.npz"
    x = pictures.astype(np.uint8)
    np.savez(path, x_train=x[:70], y_train=labels[:70], x_test=x[70:], y_test=labels[70:])
    return path


@pytest.fixture(scope="module")
def autoencoder(digits, tmp_path_factory) -> Path:
    dataset = {"name": "mnist", "path": str(digits), "steps": "columns", "validation": 0.4}
    network = {"name": "conv_autoencoder", "filters": 4, "latent_dim": LATENT, "output_activation": "sigmoid"}
    trainer = {"name": "autoencoder", "false_alarm_rate": 0.1, "epochs": 2}
    return train(tmp_path_factory.mktemp("autoencoder"), dataset, network, trainer)


@pytest.fixture
def test_digits(digits) -> list:
    return ["--input", digits, "--column", "x_test"]


def test_decoded_codes_are_the_runs_own_reconstructions(autoencoder, test_digits, tmp_path):
    saved = own(autoencoder)
    whole = arrays(autoencoder, tmp_path, *test_digits)
    np.testing.assert_array_equal(whole["predictions"][saved["index"]], saved["predictions"])
    for name in ("codes.npy", "codes.npz", "codes.csv", "codes.parquet"):
        predict(autoencoder, "--encode", *test_digits, "-o", tmp_path / name)
        predict(autoencoder, "--decode", "--input", tmp_path / name, "-o", tmp_path / "again.npy")
        np.testing.assert_array_equal(np.load(tmp_path / "again.npy"), whole["predictions"])
    codes = np.load(tmp_path / "codes.npy")
    assert codes.shape == (30, LATENT)
    np.save(tmp_path / "one.npy", codes[7])
    predict(autoencoder, "--decode", "--input", tmp_path / "one.npy", "-o", tmp_path / "again.npy")
    np.testing.assert_allclose(np.load(tmp_path / "again.npy"), whole["predictions"][[7]], atol=1e-6)
    predict(autoencoder, "--reconstruct", *test_digits, "-o", tmp_path / "again.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "again.npy"), whole["predictions"])


def test_pictures_come_in_and_go_out_upright(autoencoder, digits, tmp_path):
    pictures = arrays_of(digits)["x_test"] / 255  # (samples, rows, columns)
    expected = np.asarray(read_saved(read_run(str(autoencoder))).model(pictures.swapaxes(1, 2))).swapaxes(1, 2)
    np.save(tmp_path / "fractions.npy", pictures)
    found = arrays(autoencoder, tmp_path, "--input", tmp_path / "fractions.npy")
    np.testing.assert_allclose(found["predictions"], expected, atol=1e-6)
    np.testing.assert_allclose(found["errors"], np.square(pictures - expected).mean(axis=(1, 2)), rtol=1e-4)


def test_samples_with_an_error_above_the_threshold_are_anomalies(autoencoder, digits, tmp_path):
    ordinary = arrays_of(digits)["x_test"]
    np.savez(tmp_path / "both.npz", digits=np.concatenate([ordinary, 255 - ordinary]))
    given = ["--input", tmp_path / "both.npz"]  # its only array
    found = arrays(autoencoder, tmp_path, *given)
    anomaly = json.loads((autoencoder / "artifacts" / "anomaly.json").read_text())
    assert anomaly["false_alarm_rate"] == 0.1
    assert found["threshold"] == anomaly["threshold"]
    anomalous = found["anomalous"]
    np.testing.assert_array_equal(anomalous, found["errors"] > anomaly["threshold"])
    ordinary_share, inverted_share = anomalous.reshape(2, 30).mean(axis=1)
    assert ordinary_share <= 0.4 and inverted_share == 1
    result = predict(autoencoder, *given)
    head, _, *rows = result.stdout.splitlines()
    assert head.split() == ["row", "error", "anomalous"]
    assert [row.split()[2] == "yes" for row in rows] == anomalous.tolist()
    (summary,) = result.stderr.splitlines()
    assert summary.startswith(f"{anomalous.sum()} of 60 samples are anomalous")
    assert "at most 10% of ordinary ones" in summary
    listed = re.search(r": rows (.*)$", summary)[1]
    rows = [range(int(first), int(last or first) + 1) for first, last in re.findall(r"(\d+)(?:-(\d+))?", listed)]
    assert list(chain(*rows)) == np.flatnonzero(anomalous).tolist()
    predict(autoencoder, *given, "-o", tmp_path / "out.csv")
    table = pd.read_csv(tmp_path / "out.csv")
    assert table["anomalous"].tolist() == anomalous.tolist()
    np.testing.assert_allclose(table["error"], found["errors"], rtol=1e-8)


def test_a_run_that_says_nothing_of_anomalies_or_codes_says_so(autoencoder, test_digits, tmp_path):
    run = without_hashes(shutil.copytree(autoencoder, tmp_path / "run"))
    for name in ("anomaly.json", "latent.npz"):
        (run / "artifacts" / name).unlink()
    result = predict(run, *test_digits)
    assert result.stdout.splitlines()[0].split() == ["row", "error"]
    assert "has no threshold of anomalies" in result.stderr
    assert "no artifacts/latent.npz" in predict(run, "--sample", 3, "-o", tmp_path / "out.npy", code=2).stderr


def test_the_table_of_codes(autoencoder, test_digits, tmp_path):
    codes = arrays(autoencoder, tmp_path, "--encode", *test_digits)
    assert codes["index"].tolist() == list(range(30))
    predict(autoencoder, "--encode", *test_digits, "-o", tmp_path / "out.jsonl")
    table = pd.read_json(tmp_path / "out.jsonl", lines=True)
    assert list(table) == ["row", "code_1", "code_2"]
    np.testing.assert_allclose(table[["code_1", "code_2"]], codes["codes"], rtol=1e-8)
    head, _, *rows = predict(autoencoder, "--encode", *test_digits).stdout.splitlines()
    assert head.split() == list(table)
    np.testing.assert_allclose([list(map(float, row.split()[1:])) for row in rows], codes["codes"], atol=1e-4)


def test_random_samples_are_those_of_their_seed(autoencoder, tmp_path):
    first, again = (arrays(autoencoder, tmp_path, "--sample", 5, "--seed", 3) for _ in range(2))
    other = arrays(autoencoder, tmp_path, "--sample", 5)
    assert first["predictions"].shape == (5, 28, 28) and first["codes"].shape == (5, LATENT)
    np.testing.assert_array_equal(first["predictions"], again["predictions"])
    assert (first["codes"] != other["codes"]).all()
    np.save(tmp_path / "codes.npy", first["codes"])
    decoded = arrays(autoencoder, tmp_path, "--decode", "--input", tmp_path / "codes.npy")
    np.testing.assert_array_equal(decoded["predictions"], first["predictions"])


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "give either --input FILE or --sample N"),
        (["--text", "a"], 2, "--text is for runs that classify or label or tag or predict numbers, and"),
        (["--input", "DIGITS", "--threshold", "0.5"], 2, "--threshold is for runs that classify or label, and"),
        (["--encode", "--decode", "--input", "DIGITS"], 2, "--encode and --decode exclude each other"),
        (["--sample", "3", "--input", "DIGITS"], 2, "give either --input FILE or --sample N"),
        (["--sample", "100000000000", "-o", "out.npy"], 2, "100,000,000,000 samples would need"),
        (["--sample", "3", "--encode"], 2, "--encode and --sample exclude each other"),
        (["--sample", "3"], 2, "-o must be a .npy or .npz file"),
        (["--sample", "0"], 2, "--sample"),
        (["--decode", "--input", "DIGITS", "-o", "out.csv"], 2, "-o out.csv must be a .npy or .npz file"),
        (["--sample", "3", "--column", "a", "-o", "out.npy"], 2, "--sample reads nothing"),
        (["--input", "DIGITS", "--seed", "1"], 2, "--reconstruct draws nothing"),
        (["--input", "DIGITS"], 2, "x_train (70, 28, 28), y_train (70,), x_test (30, 28, 28), y_test (30,)"),
        (["--input", "DIGITS", "--column", "x_tst"], 2, "no such array (did you mean x_test?)"),
        (["--input", "DIGITS", "--column", "y_test"], 4, "pictures are (samples, 28, 28)"),
        (["--input", "DIGITS", "--column", "y_test", "--decode", "-o", "out.npy"], 4, "the shape (30,); codes of"),
        (["--input", "RUN"], 2, "the ending is none of .npy, .npz"),
        (["--encode"], 2, "--encode: give --input FILE"),
        (["--decode", "-o", "out.npy"], 2, "--decode: give --input FILE"),
    ],
)
def test_a_mistake_is_told_in_words(autoencoder, digits, arguments, code, words):
    files = {"DIGITS": digits, "RUN": autoencoder / "run.json"}
    result = predict(autoencoder, *(files.get(argument, argument) for argument in arguments), code=code)
    assert words in " ".join(result.stderr.split())
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (np.zeros((4, LATENT + 1)), "are (samples, 2)"),
        (np.zeros(LATENT + 1), "the shape (3,); codes of"),
        (np.full((4, LATENT), np.nan), "not finite"),
        (np.zeros((0, LATENT)), "is empty"),
        (np.array(["a"]), "numbers"),
        (np.array([print], dtype=object), "cannot be read"),
    ],
)
def test_codes_must_be_the_runs(autoencoder, tmp_path, codes, words):
    np.save(tmp_path / "codes.npy", codes)
    given = ["--decode", "--input", tmp_path / "codes.npy", "-o", tmp_path / "out.npy"]
    assert words in " ".join(predict(autoencoder, *given, code=4).stderr.split())
    assert not (tmp_path / "out.npy").exists()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("row,code_1,code_3\n0,1,2\n", "no column code_2; there are row, code_1, code_3"),
        ("row,a\n0,1\n", "no column code_1"),
        ("code_1,code_2\n1,2\n3,\n", "line 3, code_2: empty"),
        ("code_1,code_2\n1,x\n", "line 2, code_2: 'x'"),
        ("code_1\n1\n", "are (samples, 2)"),
    ],
)
def test_a_table_of_codes_must_be_whole(autoencoder, tmp_path, table, words):
    (tmp_path / "codes.csv").write_text(table)
    given = ["--decode", "--input", tmp_path / "codes.csv", "-o", tmp_path / "out.npy"]
    assert words in " ".join(predict(autoencoder, *given, code=4).stderr.split())


def test_a_line_says_what_was_written(autoencoder, test_digits, tmp_path):
    written = {
        "out.csv": "30 rows of row, code_1, code_2",
        "out.npy": f"codes (30, {LATENT})",
        "out.npz": f"index (30,), codes (30, {LATENT})",
    }
    for name, words in written.items():
        result = predict(autoencoder, "--encode", *test_digits, "-o", tmp_path / name)
        assert result.stderr == f"{tmp_path / name}: {words}\n"


def test_a_folder_of_runs_is_none(autoencoder, test_digits):
    assert "name one of them" in predict(autoencoder.parent, *test_digits, code=2).stderr


# --- series of any length ---------------------------------------------------------------------------------------------


def ragged(count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Series (count, TIME, 2), NaN past their ends, their lengths, and of what kind they are."""
    random = np.random.default_rng(seed)
    lengths, kinds = random.integers(3, TIME + 1, count), np.arange(count) % 2
    phases = np.arange(TIME)[:, None] * (0.5 + kinds[:, None, None])
    values = (5 + np.sin(phases) + random.normal(0, 0.1, (count, TIME, 2))) * UNITS
    values[np.arange(TIME) >= lengths[:, None]] = np.nan
    values[0, -1], lengths[0] = UNITS, TIME
    values[0] = np.where(np.isnan(values[0]), UNITS, values[0])
    return values, lengths, np.array(["slow", "fast"])[kinds]


@pytest.fixture(scope="module")
def series(tmp_path_factory) -> Path:
    """The train and test series in one file: as `x`, and with numbers past the ends and their lengths, as `filled`."""
    path, arrays = tmp_path_factory.mktemp("series") / "series.npz", {}
    for seed, (split, count) in enumerate({"train": 60, "test": 20}.items()):
        values, lengths, kinds = ragged(count, seed)
        found = {"x": values, "filled": np.where(np.isnan(values), 7.0, values), "n": lengths, "kind": kinds}
        arrays |= {f"{name}_{split}": array for name, array in found.items()}
    np.savez(path, **arrays)
    return path


@pytest.fixture(scope="module")
def series_autoencoder(series, tmp_path_factory) -> Path:
    network = {"name": "conv_autoencoder", "filters": 4, "latent_dim": LATENT}
    dataset = {"name": "sequences", "path": str(series)}
    return train(tmp_path_factory.mktemp("coded"), dataset, network, {"name": "autoencoder"})


@pytest.fixture(scope="module")
def classifier(series, tmp_path_factory) -> Path:
    dataset = {"name": "sequences", "path": str(series), "values": "filled", "lengths": "n", "labels": "kind"}
    return train(
        tmp_path_factory.mktemp("classes"), dataset, {"name": "simple_rnn", "units": 3}, {"name": "classifier"}
    )


def test_series_are_reconstructed_in_their_own_units_to_their_own_ends(series_autoencoder, series, tmp_path):
    values, saved = arrays_of(series)["x_test"], own(series_autoencoder)
    found = arrays(series_autoencoder, tmp_path, "--input", series, "--column", "x_test")
    np.testing.assert_array_equal(found["predictions"][saved["index"]], saved["predictions"])
    np.testing.assert_array_equal(np.isnan(found["predictions"]), np.isnan(values))
    training = arrays_of(series)["x_train"][:, :, 0]
    assert abs(np.nanmean(found["predictions"][..., 0]) - np.nanmean(training)) < 2 * np.nanstd(training)


def test_the_error_of_a_series_is_that_of_its_steps(series_autoencoder, series, tmp_path):
    values = arrays_of(series)["x_test"]
    found = arrays(series_autoencoder, tmp_path, "--input", series, "--column", "x_test")
    scale = json.loads((series_autoencoder / "artifacts" / "spec.json").read_text())["values"]["scale"]
    expected = np.nanmean(np.square((found["predictions"] - values) / scale), axis=(1, 2))
    np.testing.assert_allclose(found["errors"], expected, rtol=1e-4)


def test_series_are_the_same_however_they_come(classifier, series, tmp_path):
    """With their lengths beside them, as the run's own; as an array with NaN; one array a sample; a sample alone."""
    values, saved = arrays_of(series)["x_test"], own(classifier)
    each = np.empty(len(values), object)
    each[:] = [sample[~np.isnan(sample).any(axis=1)] for sample in values]
    np.savez(tmp_path / "each.npz", each=each)
    np.save(tmp_path / "nan.npy", values)
    np.save(tmp_path / "alone.npy", each[7])
    whole = arrays(classifier, tmp_path, "--input", series, "--column", "filled_test")["predictions"]
    np.testing.assert_allclose(whole[saved["index"]], saved["predictions"], atol=1e-6)
    for name in ("each.npz", "nan.npy"):
        again = arrays(classifier, tmp_path, "--input", tmp_path / name)["predictions"]
        np.testing.assert_array_equal(again, whole)
    alone = arrays(classifier, tmp_path, "--input", tmp_path / "alone.npy")["predictions"]
    np.testing.assert_allclose(alone, whole[[7]], atol=1e-6)


def test_lengths_beside_an_array_a_sample_are_refused(classifier, tmp_path):
    each = np.empty(2, object)
    each[:] = [np.ones((3, 2)), np.ones((4, 2))]
    np.savez(tmp_path / "each.npz", filled=each, n=np.array([3, 4]))
    result = predict(classifier, "--input", tmp_path / "each.npz", code=4)
    assert "n is of samples in one array" in result.stderr


def test_the_classes_of_series(classifier, series, tmp_path):
    given = ["--input", series, "--column", "x_test"]
    predict(classifier, *given, "-o", tmp_path / "out.csv")
    table = pd.read_csv(tmp_path / "out.csv")
    assert list(table) == ["row", "predicted", "probability_fast", "probability_slow"]
    assert list(table["predicted"]) == list(np.where(table["probability_slow"] > 0.5, "slow", "fast"))
    predict(classifier, *given, "-o", tmp_path / "out.npy")
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), table["probability_slow"], rtol=1e-7)


def test_a_table_is_read_as_the_config_says(classifier, series, tmp_path):
    values = arrays_of(series)["x_test"]
    rows, times = np.nonzero(~np.isnan(values[..., 0]))
    numbers = {"feature_2": values[rows, times, 1], "feature_1": values[rows, times, 0]}
    pd.DataFrame({"series": rows, **numbers}).to_parquet(tmp_path / "steps.parquet")
    run = shutil.copytree(classifier, tmp_path / "run")
    record = json.loads((run / "run.json").read_text())
    record["config"]["dataset"]["sample"] = "series"
    (run / "run.json").write_text(json.dumps(record))
    found = arrays(run, tmp_path, "--input", tmp_path / "steps.parquet")["predictions"]
    whole = arrays(run, tmp_path, "--input", series, "--column", "x_test")["predictions"]
    np.testing.assert_array_equal(found, whole)
    assert (
        "the ending is none of .npy, .npz, .csv, .tsv, .parquet"
        in predict(run, "--input", run / "run.json", code=2).stderr
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.zeros((3, TIME, 3)), "(samples, time, 2): feature_1, feature_2"),
        (np.zeros((3, TIME + 1, 2)), "new.npy[0]: 10 steps, where the network reads up to 9"),
        (np.full((3, TIME, 2), np.nan), "no step"),
    ],
)
def test_series_must_be_what_the_network_reads(classifier, tmp_path, values, words):
    np.save(tmp_path / "new.npy", values)
    assert words in " ".join(predict(classifier, "--input", tmp_path / "new.npy", code=4).stderr.split())


def test_series_that_the_network_cannot_read_can_be_left_out(classifier, tmp_path):
    values = np.random.default_rng(0).normal(size=(4, TIME, 2))
    np.save(tmp_path / "whole.npy", values)
    values[1, 3, 0] = np.nan
    np.save(tmp_path / "new.npy", values)
    stderr = predict(classifier, "--input", tmp_path / "new.npy", code=4).stderr
    assert stderr.rstrip().endswith("mend them, or leave them out with --bad-rows skip")
    tables = []
    for name in ("whole.npy", "new.npy"):
        stderr = predict(
            classifier, "--input", tmp_path / name, "--bad-rows", "skip", "-o", tmp_path / "out.csv"
        ).stderr
        tables.append(pd.read_csv(tmp_path / "out.csv").set_index("row"))
    pd.testing.assert_frame_equal(tables[0].drop(index=1), tables[1], rtol=1e-5)
    assert "new.npy: 1 sample left out (--bad-rows skip):\n  new.npy[1]: a value is missing" in stderr


def test_options_of_an_autoencoder_are_refused(classifier, series):
    for option in ("--encode", "--decode", "--reconstruct"):
        words = " ".join(predict(classifier, option, "--input", series, code=2).stderr.split())
        assert f"{option} is for runs that reconstruct, and" in words and "classifies" in words
    assert "--sample is for runs that reconstruct" in predict(classifier, "--sample", 3, code=2).stderr
    assert "this run reads no texts" in predict(classifier, "--text", "a", code=2).stderr


def test_a_broken_file_runs_no_code(classifier, tmp_path):
    (tmp_path / "broken.npz").write_bytes(b"no zip")
    assert "cannot be read" in predict(classifier, "--input", tmp_path / "broken.npz", code=4).stderr
    np.savez(tmp_path / "code.npz", x=np.array([print, len], dtype=object))
    assert "wants to load" in predict(classifier, "--input", tmp_path / "code.npz", code=4).stderr
