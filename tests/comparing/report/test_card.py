"""The card of a report: what a reader must know to trust the results."""

from __future__ import annotations

import json

import pytest
from commands import run_command
from conftest import DATA

OTHER = {**DATA, "test_sha256": "ef" * 32}


@pytest.fixture
def card_of(page_of):
    """card_of(run, ...): the card of the only family of these runs, by question: its mark and its text."""

    def card_of(*runs) -> dict[str, tuple[str, str]]:
        (card,) = page_of(*runs).all("details", class_="card")
        lines = [
            [cell.text.strip() for cell in row.all("th") + row.all("td")] for row in card.all("tbody")[0].all("tr")
        ]
        return {question: (mark, " ".join(text.split())) for question, mark, text in lines}

    return card_of


def test_data_and_splits_are_those_of_the_record(make_run, card_of):
    card = card_of(make_run(test={"auc": 0.9}))
    assert card["data"][1] == "imdb: imdb.npz (abababab)"
    assert card["splits"][1] == "train 20,000, validation 5,000, test 25,000 (split_seed 0)"


def test_looks_at_the_test_data_are_counted_over_the_folder(make_run, card_of):
    mine = make_run(test={"auc": 0.9})
    assert card_of(mine)["looks at the test data"] == ("✓ ok", "1 finished run, all in this report.")
    make_run(test={"auc": 0.8}, name="beside")
    make_run(test={"auc": 0.8}, name="of_other_data", data=OTHER)
    make_run(status="failed", name="failed")  # it measured nothing
    damaged = make_run(test={"auc": 0.7}, name="damaged")
    (damaged / "run.json").write_text("{")
    assert card_of(mine)["looks at the test data"] == ("⚠ look", "2 finished runs, 1 of them not in this report.")


def test_each_test_set_is_counted_by_itself(make_run, card_of):
    runs = [make_run(test={"auc": 0.9}), make_run(test={"auc": 0.9}, seed=2), make_run(test={"auc": 0.8}, data=OTHER)]
    told = card_of(*runs)["looks at the test data"][1]
    assert told == (
        "test data 1: 2 finished runs, all in this report. test data 2: 1 finished run, all in this report."
    )


def test_one_seed_is_a_doubt(make_run, card_of):
    runs = [make_run(seed=seed, test={"auc": 0.9}) for seed in range(3)]
    assert card_of(*runs)["seeds"] == ("✓ ok", "1 row of 3 seeds.")
    alone = make_run(test={"auc": 0.9}, settings={"architecture.units": 8})
    mark, told = card_of(*runs, alone)["seeds"]
    assert mark == "⚠ look" and told.startswith("1 row of 1 seed; 1 row of 3 seeds.")


def test_baselines_say_how_many_rows_do_better(make_run, card_of):
    runs = [
        make_run(test={"auc": 0.9}, skill=skill, settings={"architecture.units": units})
        for units, skill in enumerate((0.5, -0.25, 0.1))
    ]
    for run in runs:
        metrics = json.loads((run / "metrics.json").read_text())
        (run / "metrics.json").write_text(json.dumps({**metrics, "baselines": {"majority": {"accuracy": 0.5}}}))
    mark, told = card_of(*runs)["baselines"]
    assert (mark, told) == ("✓ ok", "majority: 2 of 3 rows do better than the best of them; skill -0.2500 to 0.5000.")


def test_warnings_of_data_are_doubts_and_lost_baselines_are_not(make_run, card_of):
    lost = "the network loses to the baseline majority: test accuracy 0.4 against 0.5"
    assert card_of(make_run(test={"auc": 0.9}, warnings=[lost]))["leakage and doubts"][0] == "✓ ok"
    equal = "data.csv: 3 of 90 test texts also stand in training:\n  row 1 is as row 7"
    on_test = {"dataset.validation": "test"}
    run = make_run(test={"auc": 0.9}, warnings=[lost, equal], settings=on_test)
    metrics = json.loads((run / "metrics.json").read_text())
    (run / "metrics.json").write_text(json.dumps({**metrics, "test_without_duplicates": {"auc": 0.85}}))
    mark, told = card_of(run)["leakage and doubts"]
    assert mark == "⚠ look"
    assert "selection on test (high): the best epoch was chosen on the test split" in told
    assert "3 of 90 test texts also stand in training" in told and "row 1" not in told
    assert "test auc 0.8500 without them, 0.9000 with" in told


def test_leakage_is_what_show_has_and_no_warning_says_it_again(make_run, card_of):
    leak = {"kind": "equal samples", "what": "test texts that also stand in training or validation", "count": 3}
    leak |= {"of": 90, "mend": "keep one of each", "split": "test"}
    equal = "data.csv: 3 of 90 test texts also stand in training:\n  row 1 is as row 7"
    gap = "data.csv: 2 gaps"
    run = make_run(test={"auc": 0.9}, warnings=[equal, gap], leakage=[leak])
    mark, told = card_of(run)["leakage and doubts"]
    [finding] = json.loads(run_command("show", run, "--json").stdout)["leakage"]
    assert mark == "⚠ look" and told.count("3 of 90") == 1 and "2 gaps" in told
    assert f"{finding['kind']} ({finding['severity']}): {finding['what']}" in told


def test_a_row_that_was_selected_by_one_run_is_a_doubt(make_run, card_of):
    alone = make_run(test={"auc": 0.7}, history=[{"epoch": 1, "loss": 0.5, "val_loss": 0.6}])
    assert card_of(alone)["selection"] == ("✓ ok", "The best epoch of each run is chosen by val_loss.")
    runs = [make_run(test={"auc": 0.8 + units / 100}, settings={"architecture.units": units}) for units in (1, 2, 3)]
    mark, told = card_of(alone, *runs)["selection"]
    assert mark == "⚠ look" and f"{runs[-1].name} (selected)" in told and "--repeats 5" in told


def test_code_that_was_changed_is_a_doubt(make_run, card_of):
    clean = {"git": {"commit": "1234567890abcdef", "dirty": False}}
    assert card_of(make_run(test={"auc": 0.9}, **clean))["code"] == ("✓ ok", "commit 1234567890ab")
    changed = {"git": {"commit": "1234567890abcdef", "dirty": True}}
    assert card_of(make_run(test={"auc": 0.9}, **changed))["code"][0] == "⚠ look"


# --- Markdown -------------------------------------------------------------------------------------------------------


def test_markdown_has_the_tables_of_compare_and_the_card(make_run, tmp_path):
    runs = [make_run(seed=seed, test={"auc": 0.8 + seed / 100}) for seed in range(3)]
    make_run(status="failed", name="broken", error="ValueError: no room")
    text = run_command("report", *make_run.runs_dir.iterdir(), "--format", "md").stdout
    assert run_command("compare", *runs, "--format", "md").stdout.splitlines()[2].split(" | ")[1] in text
    assert "| seeds | " in text and "ValueError: no room" in text
    assert text.count("<details>") == text.count("</details>") == 1
    run_command("report", *make_run.runs_dir.iterdir(), "-o", tmp_path / "report.md")
    assert (tmp_path / "report.md").read_text("utf-8").splitlines()[:-1] == text.splitlines()[:-1]  # the time aside


def test_runs_that_recorded_little_are_shown_too(make_run):
    for seed in range(2):
        run = make_run(test={"auc": 0.9}, seed=seed)
        record = json.loads((run / "run.json").read_text())
        kept = {name: record[name] for name in ("status", "config", "data")}
        (run / "run.json").write_text(json.dumps(kept))
    bare = make_run(status="failed", name="bare")
    (bare / "run.json").write_text('{"status": "failed"}')
    text = run_command("report", *make_run.runs_dir.iterdir(), "--format", "md").stdout
    assert f"{bare.name}: failed" in text and "? · ?" in text
    assert "<!doctype html>" in run_command("report", *make_run.runs_dir.iterdir()).stdout


def test_no_text_of_a_run_is_a_mark_or_a_mention_in_markdown(make_run):
    warned = "<script>alert(1)</script> @someone | [link](http://example.org) `code`\n# no heading"
    run = make_run(test={"auc": 0.9}, warnings=[warned], settings={"tags": ["@team", "<b>"]})
    text = run_command("report", run, "--format", "md", "--title", "a\n# b").stdout
    assert "\\<script>" in text and "@someone" not in text and "@team" not in text
    assert "\\[link]" in text and "\\`code\\`" in text
    assert "\n# " not in text
