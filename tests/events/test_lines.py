"""Events without a terminal: plain lines, JSON lines, the log, and what library messages become."""

import contextlib
import io
import json
import logging
import math
import os
import sys
import warnings

import numpy as np
import pytest

from seqrun.console import progress
from seqrun.errors import InterruptedRun
from seqrun.events.events import Batch, Download, Epoch, Finished, Message, Started, Warned, to_all
from seqrun.events.lines import log_emit, logging_to


def started(**changes):
    facts = {
        "run": "runs/20261122-041530_x",
        "name": "x",
        "epochs": 100,
        "steps_per_epoch": 200,
        "samples": 20000,
        "parameters": 652577,
        "device": "CPU (2 cores)",
        "monitor": "val_loss",
    }
    return Started(**{**facts, **changes})


def epoch(number, loss, best_epoch=1, **figures):
    row = {"epoch": number, "loss": loss, **figures, "learning_rate": 1e-3 / number, "seconds": 3.25 * number}
    return Epoch(row={**row, "samples_per_second": 12345.6 / number}, best_epoch=best_epoch, best_value=0.5)


def shown(capsys, kind, events):
    with progress(kind) as emit:
        for event in events:
            emit(event)
    return capsys.readouterr()


# --- plain


def test_plain_progress_is_one_line_an_epoch_on_stderr(capsys):
    batches = [Batch(epoch=1, step=s, steps=200, loss=0.6, samples_per_second=1.0) for s in range(200)]
    out, err = shown(capsys, "plain", [started(), *batches, epoch(1, 0.5), epoch(2, 0.4, best_epoch=2)])
    assert out == ""
    lines = err.splitlines()
    assert len(lines) == 3
    assert "652,577 parameters" in lines[0] and "runs/20261122-041530_x" in lines[0]
    assert "loss  0.4000" in lines[2] and "lr" in lines[2]


def test_epoch_lines_line_up_whatever_the_figures(capsys):
    rows = [
        epoch(1, 12345.678, val_loss=1e-9),
        epoch(10, math.nan, val_loss=0.693),
        epoch(123, 0.1, val_loss=99.99, best_epoch=123),
    ]
    lines = shown(capsys, "plain", rows).err.splitlines()
    for word in ("loss", "val_loss", "lr", "samples/s"):
        assert len({line.index(f" {word}") for line in lines}) == 1, word
    assert [line.endswith("*") for line in lines] == [True, False, True]


def test_of_many_metrics_a_line_has_the_first_two_and_the_monitored_one(capsys):
    names = ["accuracy", "auc", "average_precision", "f1", "log_loss"]
    figures = dict.fromkeys(names, 0.5) | {"val_loss": 0.4} | {f"val_{name}": 0.6 for name in names}
    _, line = shown(capsys, "plain", [started(monitor="val_f1"), epoch(1, 0.5, **figures)]).err.splitlines()
    words = [word for word in line.split() if word.removeprefix("val_") in ["loss", *names]]
    assert words == ["loss", "val_loss", "accuracy", "val_accuracy", "auc", "val_auc", "val_f1"]


def test_a_plain_download_has_a_line_at_its_start_and_at_each_tenth(capsys):
    total = 1_000_000
    events = [Download("imdb.npz", done, total) for done in range(0, total + 1, 1000)]
    lines = shown(capsys, "plain", events).err.splitlines()
    assert len(lines) == 11
    assert lines[0] == "downloading imdb.npz: 0 bytes of 1.0 MB"
    assert lines[-1] == "downloading imdb.npz: 1.0 MB of 1.0 MB"


def test_a_download_of_unknown_size_has_one_line(capsys):
    events = [Download("words.json", done, None) for done in range(0, 5000, 10)]
    assert shown(capsys, "plain", events).err == "downloading words.json: 0 bytes\n"


def test_the_end_shows_the_network_beside_the_baselines(capsys):
    end = Finished(
        run="runs/x",
        status="finished",
        best_epoch=3,
        metrics={"accuracy": 0.85, "auc": 0.93},
        baselines={"majority": {"accuracy": 0.5}, "tfidf_logistic": {"accuracy": 0.88, "auc": 0.95}},
        skill=-0.25,
        seconds=192.0,
    )
    lines = shown(capsys, "plain", [end]).err.splitlines()
    assert lines[0].split() == ["test", "majority", "tfidf_logistic"]
    assert lines[1].split() == ["accuracy", "0.8500", "0.5000", "0.8800"]
    assert lines[2].split() == ["auc", "0.9300", "—", "0.9500"]
    assert len({len(line) for line in lines[:3]}) == 1
    assert lines[3] == "finished: best epoch 3, skill -0.250 (no better than the best baseline), 3:12 -> runs/x"


def test_none_leaves_warnings_and_errors(capsys):
    failed = Finished(run="runs/x", status="failed", error="the disk is full")
    out, err = shown(capsys, "none", [started(), Message("hello"), Warned("careful"), epoch(1, 0.5), failed])
    assert out == ""
    assert err == "warning: careful\nerror: the disk is full\n"


def test_auto_is_plain_where_there_is_no_terminal(capsys):
    assert shown(capsys, "auto", [Message("hello")]).err == "hello\n"


# --- JSON


def strict(line):
    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(line, parse_constant=refuse)


def test_json_lines_are_the_events_in_order_and_nothing_else_is_on_stdout(capsys):
    with progress("json") as emit:
        emit(started())
        emit(Batch(epoch=1, step=10, steps=200, loss=0.6, samples_per_second=1.0))
        print("a library's chatter")
        emit(Warned("careful"))
        emit(epoch(1, 0.5, val_loss=0.4))
        emit(Finished(run="runs/x", status="finished", metrics={"auc": 0.9}))
    out, err = capsys.readouterr()
    events = [strict(line) for line in out.splitlines()]
    assert [event["event"] for event in events] == ["started", "batch", "warning", "epoch", "finished"]
    assert events[0]["parameters"] == 652577
    assert events[2]["text"] == "careful"
    assert events[3]["epoch"] == 1 and events[3]["val_loss"] == 0.4 and events[3]["best_epoch"] == 1
    assert events[4]["run"] == "runs/x"
    assert err == "a library's chatter\n"


def test_json_says_null_for_what_is_no_number(capsys):
    (line,) = shown(capsys, "json", [epoch(1, math.nan, val_loss=math.inf, auc=-math.inf)]).out.splitlines()
    event = strict(line)
    assert event["loss"] is None and event["val_loss"] is None and event["auc"] is None
    assert event["best_value"] == 0.5


def test_json_takes_numpy_numbers(capsys):
    (line,) = shown(capsys, "json", [epoch(np.int64(1), np.float32(0.5), val_loss=np.float64("nan"))]).out.splitlines()
    event = strict(line)
    assert event["epoch"] == 1 and event["loss"] == 0.5 and event["val_loss"] is None


def test_each_json_line_is_there_at_once(monkeypatch):
    flushed = []

    class Pipe(io.StringIO):
        def flush(self):
            flushed.append(self.getvalue())

    monkeypatch.setattr(sys, "stdout", Pipe())
    with progress("json") as emit:
        emit(Message("one"))
        assert strict(flushed[-1]) == {"event": "message", "text": "one"}


# --- the log


def test_every_follower_is_told_and_the_log_keeps_the_plain_lines():
    seen, lines = [], []
    emit = to_all([seen.append, log_emit(lines.append)])
    events = [started(), Batch(1, 1, 2, 0.5, 1.0), Message("hello"), Warned("careful"), epoch(1, 0.5)]
    for event in events:
        emit(event)
    assert seen == events
    assert len(lines) == 4
    assert lines[1:3] == ["hello", "warning: careful"]
    assert lines[3].startswith("epoch   1")


def test_a_follower_can_join_while_events_go_on():
    first, second = [], []
    followers = [first.append]
    emit = to_all(followers)
    emit(Message("one"))
    followers.append(second.append)
    emit(Message("two"))
    assert (len(first), second) == (2, [Message("two")])


def test_a_logged_download_is_not_told_byte_by_byte():
    lines = []
    emit = log_emit(lines.append)
    for done in range(0, 100_001, 10):
        emit(Download("imdb.npz", done, 100_000))
    assert len(lines) == 11


# --- messages of libraries


def test_log_records_and_python_warnings_become_events():
    events = []
    logger = logging.getLogger("seqrun.datasets")
    with logging_to(events.append):
        logger.debug("unseen")
        logger.info("reading %s", "a.csv")
        logger.warning("3 rows are empty")
        warnings.warn("this will go away", FutureWarning, stacklevel=1)
    logger.info("after")
    assert events == [
        Message("reading a.csv"),
        Warned("3 rows are empty"),
        Warned("FutureWarning: this will go away"),
    ]


def test_logging_is_as_before_after_a_failure(monkeypatch):
    logger = logging.getLogger("seqrun")
    monkeypatch.setattr(logger, "propagate", True)
    before = (logger.level, logger.propagate, list(logger.handlers), warnings.showwarning)
    with contextlib.suppress(RuntimeError), logging_to(lambda event: None):
        raise RuntimeError
    assert (logger.level, logger.propagate, list(logger.handlers), warnings.showwarning) == before


# --- a reader that leaves


@pytest.mark.parametrize("kind", ["plain", "json", "none"])
def test_events_are_lost_not_fatal_once_nobody_reads_them(monkeypatch, kind):
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "w") as stream:
        monkeypatch.setattr(sys, "stdout" if kind == "json" else "stderr", stream)
        with progress(kind) as emit:
            emit(Warned("one"))
            assert "one" in os.read(ours, 1000).decode()
            os.close(ours)
            for _ in range(3):
                emit(Warned("two"))


# --- forecasts and interruptions


def test_a_forecasts_line_has_its_loss_its_usual_errors_and_the_monitor(capsys):
    names = ("mae", "mse", "rmse", "smape")
    figures = {"val_loss": 0.5} | dict.fromkeys(names, 1.5) | {f"val_{name}": 2.5 for name in names}
    _, line = shown(capsys, "plain", [started(monitor="val_smape"), epoch(1, 0.5, **figures)]).err.splitlines()
    words = [word for word in line.split() if word.removeprefix("val_") in ("loss", *names)]
    assert words == ["loss", "val_loss", "mae", "val_mae", "rmse", "val_rmse", "val_smape"]


@pytest.mark.parametrize(("number", "words"), [(2, "interrupted (Ctrl-C)"), (15, "interrupted (SIGTERM)")])
@pytest.mark.parametrize("kind", ["plain", "none"])
def test_an_interruption_is_told_once_and_is_no_error(capsys, kind, number, words):
    end = Finished(
        run="runs/x", status="interrupted", error=str(InterruptedRun(number)), seconds=3.25, next="seqrun resume runs/x"
    )
    told, where = f"{words}: 3.2 s", " -> runs/x" if kind == "plain" else ""
    assert shown(capsys, kind, [end]).err == f"{told}{where}\nnext: seqrun resume runs/x\n"


@pytest.mark.parametrize("kind", ["plain", "none", "json"])
def test_no_line_holds_what_a_terminal_obeys(capsys, kind):
    out, err = shown(capsys, kind, [Warned("label \x1b[2J\x9b\u202e\r is odd")])
    assert not {each for each in out + err if not (each.isprintable() or each == "\n")}
    assert "label \\u001b[2J" in out + err
