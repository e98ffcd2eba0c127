"""Runs of every family answer over HTTP what `seqrun predict` answers on the command line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from commands import SMOKE, arrays_of, predict

pytestmark = pytest.mark.usefixtures("undrawn_plots")
DATA = SMOKE / "data"
TEXTS = ["nolo nisa dori", "loba dize"]
OF_TEXTS = ("classifier of texts", "tagger", "multilabel", "regressor")
NEAR = 1e-6


def table(name: str, last: int) -> bytes:
    """The header and the last rows of a file."""
    header, *rows = (DATA / name).read_text().splitlines()
    return "\n".join([header, *rows[-last:]]).encode()


def npy(array: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).integers(0, 255, (3, 28, 28), np.uint8)


@pytest.fixture(scope="module")
def files(tmp_path_factory, pictures) -> dict[str, tuple[Path, str]]:
    """Family -> a file of new input, and its content type."""
    folder = tmp_path_factory.mktemp("input")
    steps = np.random.default_rng(1).normal(size=(1, 20, 1))
    contents = {
        "classifier of texts": ("new.csv", "text/csv", b'review,stars\nnolo nisa,007\n"a, b",5\n'),
        "classifier of numbers": ("new.npy", "application/x-npy", npy(arrays_of(DATA / "sequences.npz")["x"][:5])),
        "forecaster": ("new.csv", "text/csv", table("series.csv", 60)),
        "autoencoder": ("new.npy", "application/x-npy", npy(pictures)),
        "tagger": ("new.txt", "text/plain", "\n".join(TEXTS).encode()),
        "multilabel": ("new.jsonl", "application/jsonl", b'{"text": "nolo nisa", "id": 7}\n{"text": "dori"}\n'),
        "regressor": ("new.tsv", "text/tab-separated-values", b"description\tyear\nnolo nisa\t1999\n"),
        "forecaster with dropout": ("new.npy", "application/x-npy", npy(np.repeat(steps, 2, axis=0))),
    }
    found = {}
    for family, (name, kind, content) in contents.items():
        path = folder / family.replace(" ", "_") / name
        path.parent.mkdir()
        path.write_bytes(content)
        found[family] = path, kind
    return found


def rows_of_predict(run: Path, *arguments: object) -> list[dict]:
    return json.loads(predict(run, *arguments, "--json").stdout)


def assert_same(found: list[dict], wanted: list[dict], but: tuple[str, ...] = ()) -> None:
    assert len(found) == len(wanted) > 0
    for got, expected in zip(found, wanted, strict=True):
        assert [*got] == [*expected]
        for name, value in expected.items():
            if name not in but:
                assert got[name] == (pytest.approx(value, rel=NEAR, abs=NEAR) if isinstance(value, float) else value)


@pytest.mark.parametrize(
    "family",
    [*OF_TEXTS, "classifier of numbers", "forecaster", "autoencoder"],
)
def test_a_file_is_answered_as_predict_answers_it(trained, served, files, family):
    path, kind = files[family]
    answer = served(family)("/predict", path.read_bytes(), kind)
    assert answer.status == 200, answer.body
    assert_same(answer.json["predictions"], rows_of_predict(trained(family), "--input", path))


@pytest.mark.parametrize("family", OF_TEXTS)
def test_texts_are_answered_as_predict_answers_them(trained, served, family):
    wanted = rows_of_predict(trained(family), *(part for text in TEXTS for part in ("--text", text)))
    assert_same(served(family)("/predict", {"texts": TEXTS}).json["predictions"], wanted)
    assert_same(served(family)("/predict", TEXTS).json["predictions"], wanted)
    one = served(family)("/predict", {"text": TEXTS[0]}).json["predictions"]
    assert_same(one, wanted[: len(one)])


def test_a_series_is_read_from_rows_and_from_columns(trained, served, files):
    path, _ = files["forecaster"]
    text = [{name: cell if name == "time" else float(cell) for name, cell in row.items()} for row in csv_rows(path)]
    wanted = rows_of_predict(trained("forecaster"), "--input", path)
    columns = {name: [row[name] for row in text] for name in text[0]}
    for asked in ({"rows": text}, text, {"columns": columns}):
        assert_same(served("forecaster")("/predict", asked).json["predictions"], wanted)


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return [*csv.DictReader(file)]


def test_an_autoencoder_encodes_decodes_and_draws(trained, served, pictures, files, tmp_path):
    run, ask, (path, _) = trained("autoencoder"), served("autoencoder"), files["autoencoder"]
    codes = ask("/predict", {"array": pictures.tolist(), "encode": True}).json["predictions"]
    assert_same(codes, rows_of_predict(run, "--input", path, "--encode"))
    numbers = [[value for name, value in row.items() if name != "row"] for row in codes]
    predict(run, "--input", path, "--encode", "-o", tmp_path / "codes.npy")
    predict(run, "--decode", "--input", tmp_path / "codes.npy", "-o", tmp_path / "decoded.npy")
    decoded = np.array(ask("/predict", {"codes": numbers}).json["predictions"])
    np.testing.assert_allclose(decoded, np.load(tmp_path / "decoded.npy"), rtol=1e-4, atol=1e-3)
    drawn = [ask("/predict", {"sample": 2, "seed": seed}).json["predictions"] for seed in (1, 1, 2)]
    assert np.shape(drawn[0]) == (2, 28, 28)
    assert drawn[0] == drawn[1] != drawn[2]


def test_forecasts_with_dropout_have_their_intervals(served, files):
    path, kind = files["forecaster with dropout"]
    rows = served("forecaster with dropout")("/predict", path.read_bytes(), kind).json["predictions"]
    assert {row["series"] for row in rows} == {"0", "1"}
    [value, lower, upper] = [name for name in rows[0] if name not in ("series", "row", "time")]
    assert all(row[lower] < row[value] < row[upper] for row in rows)


@pytest.mark.parametrize("family", [*OF_TEXTS, "classifier of numbers", "forecaster", "autoencoder"])
def test_the_protocol_describes_what_it_answers(served, pictures, files, family):
    ask = served(family)
    model = ask(f"/v2/models/{ask.served.name}").json
    inputs = []
    for each in model["inputs"]:
        values = input_of(each["name"], family, pictures, files)
        shape = [*np.shape(values)]
        assert [a if b == -1 else b for a, b in zip(shape, each["shape"], strict=True)] == shape
        inputs.append({**each, "shape": shape, "data": values})
    answer = ask(f"/v2/models/{ask.served.name}/infer", {"id": "7", "inputs": inputs}).json
    assert answer["id"] == "7"
    described = [(each["name"], each["datatype"]) for each in model["outputs"]]
    assert [(each["name"], each["datatype"]) for each in answer["outputs"]] == described
    rows = answer["outputs"][0]["shape"]
    assert all(each["shape"] == rows and len(each["data"]) == rows[0] for each in answer["outputs"])


def input_of(name: str, family: str, pictures: np.ndarray, files: dict[str, tuple[Path, str]]) -> list:
    if family in OF_TEXTS:
        return TEXTS
    if family == "forecaster":
        cells = [row[name] for row in csv_rows(files[family][0])]
        return cells if name == "time" else [*map(float, cells)]
    return (pictures / 255 if family == "autoencoder" else np.load(files[family][0])).tolist()


def test_a_column_of_several_series_at_once_is_refused(served):
    ask = served("forecaster with dropout")
    [column] = ask(f"/v2/models/{ask.served.name}").json["inputs"]
    waves = np.random.default_rng(2).normal(size=(2, 20, 1))
    tensor = {"datatype": "FP64", "shape": [*waves.shape], "data": waves.tolist()}
    answer = ask(f"/v2/models/{ask.served.name}/infer", {"inputs": [{**tensor, "name": column["name"]}]})
    assert answer.status == 422 and answer.json["field"] == column["name"]
    answer = ask(f"/v2/models/{ask.served.name}/infer", {"inputs": [{**tensor, "name": "array"}]})
    assert {*answer.json["outputs"][0]["data"]} == {"0", "1"}


def test_the_protocol_gives_what_predict_gives(trained, served):
    run, ask = trained("classifier of texts"), served("classifier of texts")
    tensor = {"name": "text", "datatype": "BYTES", "shape": [2, 1], "data": [[text] for text in TEXTS]}
    answer = ask(f"/v2/models/{ask.served.name}/infer", {"inputs": [tensor]}).json
    found = {each["name"]: each["data"] for each in answer["outputs"]}
    rows = [dict(zip(found, cells, strict=True)) for cells in zip(*found.values(), strict=True)]
    assert_same(rows, rows_of_predict(run, *(part for text in TEXTS for part in ("--text", text))))


@pytest.mark.parametrize("family", ["classifier of texts", "forecaster", "autoencoder"])
def test_the_openapi_document_names_every_address_that_answers(served, family):
    ask = served(family)
    found = ask("/openapi.json").json
    for path, methods in found["paths"].items():
        if "get" in methods:
            assert ask(path).status == 200, path
        else:
            assert ask(path).status == 405, path
    page = ask("/docs").body.decode()
    assert all(path in page for path in found["paths"])
