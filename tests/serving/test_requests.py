"""What is refused, with the words and the field that would mend it, and what is not waited for."""

from __future__ import annotations

import json
import threading

import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("undrawn_plots")
TEXTS = "classifier of texts"


@pytest.fixture(scope="module")
def ask(served):
    return served(TEXTS)


@pytest.fixture(scope="module")
def sent(ask):
    from serving.client import Sent

    return lambda text="nolo nisa", **more: Sent("/predict", json.dumps({"text": text}).encode(), **more)


def held(ask, **limits):
    """A client of a run that answers only when the event is set."""
    gate, client = threading.Event(), ask.with_limits(**limits)

    class Slow:
        def __getattr__(self, name):
            return getattr(ask.served, name)

        def answer(self, asked):
            gate.wait(30)
            return ask.served.answer(asked)

    client.served = Slow()
    return client, gate


@pytest.mark.parametrize(
    ("body", "status", "field", "words"),
    [
        (b"{", 400, None, "no JSON"),
        (b"[" * 100_000, 400, None, "no JSON"),
        (b"7", 400, None, "must be an object"),
        (b"", 400, None, "no JSON"),
        (b"{}", 422, None, "none is given"),
        (b'{"text": "a", "rows": []}', 422, None, "given are text"),
        (b'{"text": "a", "text": "b"}', 400, None, "a key stands twice in its object: 'text'"),
        (b'{"texts": []}', 422, "texts", "texts: is empty"),
        (b'{"rows": []}', 422, "rows", "rows: is empty"),
        (b'{"columns": {"a": [1, "b"]}}', 422, "columns", "a: its cells are not of one type (int, str)"),
        (b'{"txt": "a"}', 422, "txt", "did you mean text?"),
        (b'{"text": 7}', 422, "text", "must be a string, not a number"),
        (b'{"texts": ["a", null]}', 422, "texts[1]", "must be a string, not null"),
        (b'{"text": " "}', 422, "text", "number 1"),
        (b'{"rows": [{"review": "a"}, 3]}', 422, "rows[1]", "must be an object"),
        (b'{"rows": [{"revew": "a"}]}', 422, "rows", "revew"),
        (b'{"columns": {"a": [1], "b": [1, 2]}}', 422, "columns", "different lengths"),
        (b'{"text": "a", "threshold": 0.5}', 422, "threshold", "is for two classes"),
        (b'{"text": "a", "encode": true}', 422, "encode", "runs that reconstruct"),
        (b'{"array": [[1, 2], [3]]}', 422, "array", "not all of one length"),
        (b'{"array": ["a"]}', 422, "array", "must be lists of numbers"),
        (b'{"array": [[1, 99999]]}', 422, "array", "the shape"),
        (b'{"sample": 0}', 422, "sample", "sample 0: must be a whole number, 1 or more"),
    ],
)
def test_what_cannot_be_asked_is_told_with_its_field(ask, body, status, field, words):
    answer = ask("/predict", body)
    assert answer.status == status
    assert answer.json.get("field") == field
    assert words in answer.json["error"]


def test_no_path_of_the_machine_stands_in_an_error(ask, tmp_path):
    for body in ({"array": [[1.5]]}, {"rows": [{"a": 1}]}, {"text": "a", "decode": True}, {"sample": 1}):
        told = ask("/predict", body).json["error"]
        assert "/dev" not in told and str(ask.served.saved.run.path.parent) not in told


@pytest.mark.parametrize("name", ["/etc/passwd", "input", "path"])
def test_a_request_cannot_name_a_file(ask, name):
    assert ask("/predict", {"path": name}).json["field"] == "path"
    assert ask("/predict", {"input": name}).json["field"] == "input"
    assert ask("/predict", b"a\nb\n", "text/csv", query=f"input={name}").json["field"] == "input"


def test_a_table_may_be_written_otherwise(ask):
    body = "note;opinion\n1,5;'nolo nisa'\n".encode("utf-16")
    answer = ask("/predict", body, "text/csv", query="column=opinion&delimiter=;&encoding=utf-16")
    [row] = answer.json["predictions"]
    assert (row["note"], row["opinion"]) == ("1,5", "'nolo nisa'")
    assert ask("/predict", body, "text/csv", query="delimeter=;").json["field"] == "delimeter"


def test_an_answer_comes_as_csv(ask):
    answer = ask("/predict", {"text": 'a "b", c'}, headers={"accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.body.decode().splitlines()[1].startswith('0,"a ""b"", c",')


def test_other_content_is_refused(ask):
    assert ask("/predict", b"\x89PNG", "image/png").status == 415
    assert ask("/predict", {"text": "a"}, headers={"content-encoding": "gzip"}).status == 415
    assert "GET is not answered here" in ask("/predict").json["error"] and ask("/predict").status == 405
    assert "there is nothing here" in ask("/nowhere").json["error"] and ask("/nowhere").status == 404
    assert ask("/v2/models/other").status == 404


def test_a_body_that_is_too_large_is_refused_before_it_is_read(ask, sent):
    small = ask.with_limits(body=100)
    assert small("/predict", {"text": "a" * 200}).status == 413
    [said] = small.all([sent("a" * 20, headers={"content-length": "101"})])
    assert said.status == 413
    [streamed] = small.all([sent("a" * 200, parts=50)])
    assert streamed.status == 413
    assert small("/predict", {"text": "a" * 50}).status == 200


def test_who_sends_too_slowly_is_told_so(ask, sent):
    [got] = ask.with_limits(seconds=0.05).all([sent(parts=3, pause=0.04)])
    assert got.status == 408
    assert "did not arrive within 0.05 s" in got.json["error"]


def test_an_answer_that_takes_too_long_is_not_waited_for(ask, sent):
    client, gate = held(ask, seconds=0.05)
    try:
        [got] = client.all([sent()])
    finally:
        gate.set()
    assert got.status == 408
    assert "no answer within" in got.json["error"]
    assert client.gate.waiting == 0


def test_a_full_queue_says_when_to_come_again(ask, sent):
    client, gate = held(ask, waiting=3)
    timer = threading.Timer(0.3, gate.set)
    timer.start()
    got = client.all([sent() for _ in range(5)])
    assert [each.status for each in got] == [200, 200, 200, 429, 429]
    assert got[3].headers["retry-after"] == "1"


def test_a_client_that_leaves_is_not_waited_for(ask, sent):
    client, gate = held(ask)
    before = client.figures.gone._value.get()
    try:
        client.all([sent(leaves=0.01)])
    finally:
        gate.set()
    assert client.figures.gone._value.get() == before + 1
    assert client.gate.waiting == 0


def test_a_server_that_stops_answers_what_it_accepted_and_refuses_the_rest(ask, sent):
    client, gate = held(ask)
    threading.Timer(0.2, lambda: (client.gate.close(), gate.set())).start()
    first, late = client.all([sent(), sent(parts=2, pause=0.4)])
    assert first.status == late.status == 200  # both were accepted before
    refused = client("/predict", {"text": "a"})
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    assert client("/v2/health/ready").status == 503
    assert client("/v2/health/live").status == 200


def test_another_name_and_another_page_are_refused(ask):
    from serving.client import Client

    local = Client(ask.served, ask.gate, ask.figures, ("127.0.0.1", "localhost", "[::1]"))
    assert local("/", headers={"host": "evil.example"}).status == 421
    assert local("/", headers={"host": "localhost:8000"}).status == 200
    assert local("/predict", {"text": "a"}, headers={"origin": "http://evil.example"}).status == 403
    assert local("/predict", {"text": "a"}, headers={"origin": "http://127.0.0.1:8000"}).status == 200


def test_the_figures_can_be_read_by_prometheus(ask):
    from prometheus_client.parser import text_string_to_metric_families

    ask("/predict", {"texts": ["a", "b", "c"]})
    ask("/predict", b"{")
    found = {family.name: family for family in text_string_to_metric_families(ask("/metrics").body.decode())}
    counts = {tuple(s.labels.values()): s.value for s in found["seqrun_requests"].samples if s.name.endswith("_total")}
    assert counts["/predict", "200"] >= 1 and counts["/predict", "400"] >= 1
    assert any(s.name.endswith("_bucket") for s in found["seqrun_request_seconds"].samples)
    assert found["seqrun_ready"].samples[0].value == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"inputs": "x"}, "inputs must be a list"),
        ({"inputs": [{"name": "text", "datatype": "STRING", "shape": [1], "data": ["a"]}]}, "datatype"),
        ({"inputs": [{"name": "text", "datatype": "BYTES", "shape": [2], "data": ["a"]}]}, "1 is given"),
        ({"inputs": [{"name": "text", "datatype": "BYTES", "shape": [-1], "data": ["a"]}]}, "shape"),
        ({"inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "data": [1]}]}, "must be strings"),
        (
            {"inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": 9}}]},
            "more than the body has",
        ),
        ({"inputs": [{"name": "array", "datatype": "INT32", "shape": [1], "data": [1.5]}]}, "must be whole numbers"),
        ({"inputs": [{"name": "text", "datatype": "FP32", "shape": [1], "data": [1]}]}, "must be BYTES"),
        ({"inputs": [{"name": "words", "datatype": "BYTES", "shape": [1], "data": ["a"]}]}, "the run reads text"),
        (
            {
                "inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "data": ["a"]}],
                "outputs": [{"name": "x"}],
            },
            "there is no x; there are",
        ),
    ],
)
def test_tensors_that_are_none_are_told_so(ask, change, words):
    answer = ask(f"/v2/models/{ask.served.name}/infer", change)
    assert answer.status in (400, 422)
    assert words in answer.json["error"]


def test_a_header_longer_than_the_body_is_refused(ask):
    headers = {"inference-header-content-length": "999"}
    assert ask(f"/v2/models/{ask.served.name}/infer", b"{}", headers=headers).status == 400


def test_the_page_escapes_what_comes_from_the_run(served):
    from serving.client import Client

    class Named:
        name = "<script>alert(1)</script>"

        def __getattr__(self, name):
            return getattr(served(TEXTS).served, name)

    base = served(TEXTS)
    page = Client(Named(), base.gate, base.figures)("/").body.decode()
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page


def test_requests_that_come_together_are_one_batch(ask, sent):
    from seqrun.serving.batching import Batches
    from seqrun.serving.limits import Limits

    sizes, seen = [], []

    def way(inputs: np.ndarray) -> np.ndarray:
        sizes.append(len(inputs))
        return inputs * 2

    others = 8
    batches = Batches(way, Limits(batch=64, window=5.0), lambda: others - len(results), seen.append)
    results: dict[int, np.ndarray] = {}
    arrived = threading.Barrier(others)

    def one(number: int) -> None:
        inputs = np.full((number + 1, 2), number)
        arrived.wait()
        results[number] = inputs
        np.testing.assert_array_equal(batches(inputs), inputs * 2)
        results[number] = batches(inputs)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [*range(others)]
    assert all((results[n] == 2 * n).all() and len(results[n]) == n + 1 for n in results)
    assert max(seen) > 8  # several requests went together
    assert set(sizes) <= {1, 8, 64}  # and the network saw batches of these sizes alone


def test_a_large_request_goes_in_parts_and_a_failure_is_each_ones_own():
    from seqrun.serving.batching import Batches
    from seqrun.serving.limits import Limits

    def way(inputs: np.ndarray) -> np.ndarray:
        if (inputs < 0).any():
            raise ValueError("negative")
        return inputs + 1

    batches = Batches(way, Limits(batch=4), lambda: 0, lambda samples: None)
    np.testing.assert_array_equal(batches(np.arange(11)), np.arange(11) + 1)
    with pytest.raises(ValueError, match="negative"):
        batches(np.array([-1]))
    np.testing.assert_array_equal(batches(np.array([5])), [6])
