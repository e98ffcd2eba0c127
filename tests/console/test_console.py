"""Tables, errors and the live view, as they stand on the screen in the end."""

import io
import os
import re
import sys
import time

import pytest
from rich.console import Console

from seqrun.console import print_fitting, print_table, progress, show_error, show_warning
from seqrun.errors import ConfigError, DataError, InputError, Mark, Problem
from seqrun.events.events import Batch, Download, Epoch, Finished, Message, Started, Warned


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


# --- tables


def test_a_piped_table_keeps_its_natural_width(capsys):
    review = "word " * 60 + "end"
    print_table(["id", "text"], [["1", review]])
    assert any(review in line for line in capsys.readouterr().out.splitlines())


def test_numeric_columns_are_aligned_to_the_right_and_no_line_has_trailing_blanks(capsys):
    print_table(["run", "auc"], [["a", "0.9"], ["bbbb", "0.12345"]], title="runs", numeric=("auc",))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "runs"
    assert all(line == line.rstrip() for line in lines)
    first, second = (next(line for line in lines if word in line) for word in ("0.9", "0.12345"))
    assert len(first) == len(second)


def test_a_table_shows_brackets_and_control_characters_as_text(capsys):
    print_table(["[b]h[/b]"], [["[red]x[/red]"], ["\x1b[31mred\x07"]], title="[i]t[/i]")
    out = capsys.readouterr().out
    assert "[b]h[/b]" in out and "[red]x[/red]" in out and "[i]t[/i]" in out
    assert "\x1b" not in out and "\x07" not in out


def test_on_a_narrow_terminal_cells_are_folded_and_nothing_is_lost(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    print_table(["config", "value"], [["dataset.path", "/data/" + "abcdefghij" * 10]])
    lines = re.sub(r"\x1b\[[\d;]*m", "", screen.getvalue()).splitlines()
    assert max(map(len, lines)) <= 40
    assert "".join("".join(lines).split()).count("abcdefghij") >= 8
    assert sum(line.count(letter) for line in lines for letter in "j") == 10


@pytest.mark.parametrize(("columns", "whole"), [("33", True), ("32", False)])
def test_where_a_table_does_not_fit_its_rows_stand_one_below_the_other(monkeypatch, columns, whole):
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("TERM", "xterm")
    rows = [["a" * 5, "0.3456", "0.1234 to 0.5678"], ["b", "0", "-1 to 1"]]
    print_fitting(["run", "auc", "interval"], rows, numeric=["auc", "interval"])
    text = re.sub(r"\x1b\[[\d;]*m", "", screen.getvalue())
    assert "0.1234 to 0.5678" in text  # not folded
    assert text.count("interval") == (1 if whole else 2)


# --- errors


def test_an_error_is_told_on_stderr_as_it_is(capsys):
    path = "/data/" + "x" * 200 + "/[bold]imdb[/bold].npz"
    show_error(DataError(f"{path} is not there"))
    assert capsys.readouterr() == ("", f"error: {path} is not there\n")


def test_a_warning_is_told_on_stderr(capsys):
    show_warning("[careful]")
    assert capsys.readouterr() == ("", "warning: [careful]\n")


def test_config_problems_are_shown_where_they_stand(capsys):
    mark = Mark("a.yaml", line=7, column=3, text="  max_length: [128]")
    problems = [
        Problem(("dataset", "max_length"), "unknown key (did you mean max_len?)", mark),
        Problem(("trainer", "epochs"), "must be at least 1", Mark("--set trainer.epochs=0")),
        Problem((), "no [architecture]"),
    ]
    show_error(ConfigError(problems))
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert lines[0] == "a.yaml:7:3: dataset.max_length: unknown key (did you mean max_len?)"
    assert lines[1].endswith("| " + mark.text)
    assert lines[2].index("^") == lines[1].index("max_length")
    assert lines[3:] == [
        "--set trainer.epochs=0: trainer.epochs: must be at least 1",
        "error: no [architecture]",
        "3 problems",
    ]


def test_a_very_long_line_is_shown_around_the_mistake(capsys):
    text = "list: [" + "1, " * 500 + "oops, " + "2, " * 500 + "]"
    show_error(ConfigError([Problem(("list",), "no number", Mark("a.yaml", 1, text.index("oops") + 1, text))]))
    _, line, caret = capsys.readouterr().err.splitlines()
    assert len(line) < 150
    assert caret.index("^") == line.index("oops")


# --- the live view


class Screen:
    """What a terminal shows after some output: a few lines of an independent terminal, enough for what rich sends."""

    CODE = re.compile(r"\x1b\[(\??[\d;]*)([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")

    def __init__(self, output):
        self.lines, self.row, self.cursor_shown = [""], 0, True
        position = 0
        for code in self.CODE.finditer(output):
            self._write(output[position : code.start()])
            self._obey(code[1], code[2])
            position = code.end()
        self._write(output[position:])

    def _write(self, text):
        for part in re.split(r"(\r\n|\n|\r)", text):
            if part.endswith("\n"):
                self.row += 1
                if self.row == len(self.lines):
                    self.lines.append("")
            elif part != "\r":
                self.lines[self.row] += part

    def _obey(self, argument, letter):
        if letter == "A":
            self.row -= int(argument or 1)
        elif letter == "K":
            self.lines[self.row] = ""
        elif argument == "?25":
            self.cursor_shown = letter == "h"
        else:
            assert letter in (None, "m"), f"unexpected code {argument}{letter}"

    def __contains__(self, text):
        return any(text in line for line in self.lines)


class Watched:
    """A live view of some width, whose screen can be looked at."""

    def __init__(self, monkeypatch, wait_for, width=100):
        self._wait_for = wait_for
        for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("TERM", "xterm-256color")
        self.stream = Terminal()
        self.console = Console(file=self.stream, width=width, height=40, highlight=False)

    def screen(self):
        return Screen(self.stream.getvalue())

    def wait_for(self, text):
        self._wait_for(lambda: text in self.screen())


@pytest.fixture
def watched(monkeypatch, wait_for):
    return Watched(monkeypatch, wait_for)


def started(name="imdb_lstm", **changes):
    facts = {"epochs": 100, "steps_per_epoch": 200, "samples": 20000, "parameters": 652577, "device": "CPU (2 cores)"}
    return Started(run=f"runs/20261122-041530_{name}", name=name, **{**facts, "monitor": "val_loss", **changes})


def epoch(number, best=1, best_value=0.42, **changes):
    row = {"epoch": number, "loss": 0.5, "val_loss": 0.42, "accuracy": 0.8, "auc": 0.9, "val_accuracy": 0.81}
    row |= {"val_auc": 0.91, "learning_rate": 1e-3, "seconds": 12.0, "samples_per_second": 12345.6}
    return Epoch(row={**row, **changes}, best_epoch=best, best_value=best_value)


def test_the_live_view_follows_the_running_epoch(watched):
    with progress("rich", console=watched.console) as emit:
        emit(started(patience=7))
        watched.wait_for("preparing")
        emit(epoch(1))
        emit(Batch(epoch=2, step=87, steps=200, loss=0.4321, samples_per_second=23456.7))
        watched.wait_for("epoch 2/100")
        screen = watched.screen()
        for text in ("87/200", "loss 0.4321", "23,457 samples/s", "lr 0.001", "left"):
            assert text in screen, text
        assert "best val_loss 0.4200 in epoch 1" in screen
        assert "stops after epoch 8" in screen
        emit(Batch(epoch=2, step=200, steps=200, loss=0.4, samples_per_second=23456.7))
        watched.wait_for("validating")


def test_the_screen_keeps_the_header_the_epochs_and_the_results_only(watched):
    with progress("rich", console=watched.console) as emit:
        emit(started())
        for number in (1, 2, 3):
            emit(Batch(epoch=number, step=10, steps=200, loss=0.5, samples_per_second=100.0))
            emit(epoch(number, best=min(number, 2)))
            if number == 2:
                emit(Message("between epochs"))
                emit(Warned("careful"))
        emit(
            Finished(
                run="runs/20261122-041530_imdb_lstm",
                status="finished",
                best_epoch=2,
                metrics={"accuracy": 0.85},
                baselines={"majority": {"accuracy": 0.5}},
                skill=0.7,
                seconds=83.0,
            )
        )
    screen = watched.screen()
    assert screen.cursor_shown
    lines = [line.rstrip() for line in screen.lines if line.strip()]
    assert lines[0] == "imdb_lstm"
    assert "652,577 parameters" in lines[1] and "CPU (2 cores)" in lines[1]
    assert lines[2] == "runs/20261122-041530_imdb_lstm"
    assert lines[3].split()[:5] == ["epoch", "loss", "val_loss", "accuracy", "val_accuracy"]
    assert [line.split()[0] for line in lines[4:9]] == ["1", "2", "between", "warning:", "3"]
    assert [line.endswith("*") for line in (lines[4], lines[5], lines[8])] == [True, True, False]
    assert lines[4].index("0.5000") + 6 == lines[3].index("loss") + 4
    assert lines[9].split() == ["test", "majority"]
    assert lines[10].split() == ["accuracy", "0.8500", "0.5000"]
    assert lines[11] == "finished: best epoch 2, skill +0.700 (better than the best baseline), 1:23"
    assert lines[12:] == ["runs/20261122-041530_imdb_lstm"]


FIGURES = ("accuracy", "auc", "average_precision", "balanced_accuracy", "f1", "log_loss", "calibration_error")


@pytest.mark.parametrize("width", [60, 80, 200])
def test_epoch_lines_fit_the_width_and_keep_the_monitored_metric(monkeypatch, wait_for, width):
    watched = Watched(monkeypatch, wait_for, width)
    figures = dict.fromkeys(FIGURES, 0.7) | {f"val_{name}": 0.6 for name in FIGURES} | {"val_f1": 0.7575}
    with progress("rich", console=watched.console) as emit:
        emit(started(monitor="val_f1"))
        emit(epoch(100, best=100, best_value=0.7575, **figures | {"loss": 12345.678, "val_loss": 1e-9}))
        emit(Batch(epoch=101, step=1, steps=200, loss=0.5, samples_per_second=100.0))
        watched.wait_for("epoch 101/100")
        lines = watched.screen().lines
    heading, values = (next(line for line in lines if line.strip().startswith(word)) for word in ("epoch", "100"))
    assert max(map(len, lines[lines.index(heading) :])) <= width
    assert values.removesuffix(" *").split()[heading.split().index("val_f1")] == "0.7575"
    assert "12345.7" in values and "1.0e-09" in values
    beside = next(line for line in lines[lines.index(values) :] if "0.7000" in line)  # what no column has room for
    shown = set(heading.split()) | set(beside.split())
    assert shown >= {"val_accuracy", "val_auc", "accuracy", "auc"}


def test_columns_are_chosen_anew_when_the_terminal_is_resized(watched):
    with progress("rich", console=watched.console) as emit:
        emit(started())
        emit(epoch(1))
        watched.console.width = 60
        emit(epoch(2))
        emit(epoch(3))
    lines = watched.screen().lines
    headings = [line for line in lines if line.startswith("epoch")]
    assert len(headings) == 2
    assert len(headings[1]) <= 60 < len(headings[0])


def test_undefined_values_are_shown_as_such(watched):
    nan = float("nan")
    with progress("rich", console=watched.console) as emit:
        emit(started())
        emit(epoch(1, best=0, best_value=nan, loss=nan, val_loss=nan))
        emit(Batch(epoch=2, step=1, steps=200, loss=nan, samples_per_second=0.0))
        watched.wait_for("loss nan")
        assert "best" not in watched.screen()
        emit(Finished(run="runs/x", status="diverged", error="the loss is nan"))
    screen = watched.screen()
    assert "error: the loss is nan" in screen and "diverged" in screen


def test_a_users_brackets_are_no_markup(watched):
    with progress("rich", console=watched.console) as emit:
        emit(started("[red]name[/red]"))
        emit(Message("[bold]text[/bold] [/]"))
        emit(Warned("[link=x]y[/link]\x1b[2J"))
        emit(Finished(run="runs/[b]", status="failed", error="[/i]"))
    screen = watched.screen()
    for text in ("[red]name[/red]", "[bold]text[/bold] [/]", "[link=x]y[/link]", "runs/[b]", "error: [/i]"):
        assert text in screen, text


def test_downloads_have_bars_and_leave_one_line_each(watched):
    with progress("rich", console=watched.console) as emit:
        emit(Download("imdb.npz", 1_000_000, 17_464_789))
        watched.wait_for("1.0 MB of 17.5 MB")
        emit(Download("words.json", 500_000, None))
        watched.wait_for("words.json")
        emit(Download("imdb.npz", 17_464_789, 17_464_789))
        emit(started())
    lines = [line for line in watched.screen().lines if line.strip()]
    assert lines[0] == "downloaded imdb.npz (17.5 MB)"
    assert lines[1] == "imdb_lstm"


def test_each_of_several_runs_has_its_header_and_its_end(watched):
    with progress("rich", console=watched.console) as emit:
        for name in ("first", "second"):
            emit(started(name))
            emit(epoch(1))
            emit(Finished(run=f"runs/{name}", status="finished"))
    lines = [line.split()[0] for line in watched.screen().lines if line.strip()]
    once = ["652,577", "runs/20261122-041530_{}", "epoch", "1", "finished", "runs/{}"]
    assert lines == [word.format(name) for name in ("first", "second") for word in ["{}", *once]]


def test_another_kind_of_progress_is_told():
    with pytest.raises(InputError) as error, progress("loud"):
        pass
    assert str(error.value) == "progress 'loud': there are auto, rich, plain, none, json, notebook"


def test_an_interruption_gives_the_cursor_back(watched):
    with pytest.raises(KeyboardInterrupt), progress("rich", console=watched.console) as emit:
        emit(started())
        emit(Batch(epoch=1, step=1, steps=200, loss=0.5, samples_per_second=1.0))
        watched.wait_for("1/200")
        assert not watched.screen().cursor_shown
        raise KeyboardInterrupt
    screen = watched.screen()
    assert screen.cursor_shown
    assert "1/200" not in screen


def test_what_is_printed_to_stdout_during_a_run_is_not_drawn(watched, capsys):
    with progress("rich", console=watched.console) as emit:
        emit(started())
        print("a result for a pipe")
    assert capsys.readouterr().out == "a result for a pipe\n"
    assert "a result" not in watched.screen()


def test_a_dumb_terminal_gets_the_lines_without_control_codes(monkeypatch, wait_for):
    watched = Watched(monkeypatch, wait_for)
    monkeypatch.setenv("TERM", "dumb")
    console = Console(file=watched.stream, width=80, highlight=False)
    with progress("rich", console=console) as emit:
        emit(started())
        emit(epoch(1))
        emit(Finished(run="runs/x", status="finished"))
    assert "\x1b" not in watched.stream.getvalue()
    assert "finished" in watched.screen()


def test_reporting_a_batch_costs_no_time(watched):
    with progress("rich", console=watched.console) as emit:
        emit(started())
        event = Batch(epoch=1, step=1, steps=200, loss=0.5, samples_per_second=1.0)
        costs = []
        for _ in range(2000):
            before = time.thread_time()
            emit(event)
            costs.append(time.thread_time() - before)
    assert sorted(costs)[len(costs) // 2] < 100e-6


def test_where_stdout_is_the_terminal_too_the_run_directory_is_left_to_the_command(watched, monkeypatch):
    monkeypatch.setattr(sys, "stdout", Terminal())
    with progress("rich", console=watched.console) as emit:
        emit(Finished(run="runs/first", status="finished", best_epoch=2))
        emit(Finished(run="runs/second", status="interrupted", error="interrupted (Ctrl-C)"))
    lines = [line.strip() for line in watched.screen().lines if line.strip()]
    assert lines == ["finished: best epoch 2", "interrupted (Ctrl-C)"]


def test_a_live_view_that_nobody_reads_any_more_ends_nothing(monkeypatch):
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        with progress("rich") as emit:
            emit(Message("one"))
            assert "one" in os.read(ours, 1000).decode()
            os.close(ours)
            emit(started())
            emit(epoch(1))
            emit(Finished(run="runs/x", status="finished"))
