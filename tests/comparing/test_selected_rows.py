"""The best of many is marked, for it is chosen by luck too, with what it comes to after fresh seeds."""

from __future__ import annotations

import json

import pytest
from commands import run_command


@pytest.fixture
def best(make_run):
    """The best row of `seqrun compare RUN... --json`, of all runs by default."""

    def best(*options, runs=None):
        found = run_command("compare", *(runs or make_run.runs_dir.iterdir()), "--json", *options)
        (row,) = [row for row in json.loads(found.stdout) if row["verdict"] == "best"]
        return row, found.stderr

    return best


def of_command(make_run, command, scores, first_seed=0, **settings):
    """The paths of runs that one command started, with these test AUCs."""
    return [
        make_run(seed=first_seed + number, test={"auc": auc}, argv=["seqrun", "train", command], settings=settings)
        for number, auc in enumerate(scores)
    ]


def test_the_best_of_several_seeds_is_selected(make_run, best):
    of_command(make_run, "a", [0.80, 0.90, 0.85])
    row, told = best("--all")
    assert (row["selected"], row["fresh"]) == ({"of": 3, "among": "seeds"}, None)
    assert "is the best of 3 seeds by one run" in told and "--repeats" in told


def test_seeds_that_were_started_afterwards_are_fresh(make_run, best):
    of_command(make_run, "a", [0.80, 0.90, 0.85])
    of_command(make_run, "again", [0.84, 0.86], first_seed=50)
    row, told = best("--all")
    assert row["selected"] == {"of": 3, "among": "seeds"}
    assert row["fresh"]["values"] == [0.84, 0.86]
    assert "after fresh seeds test.auc is 0.8500 ± 0.0141 (2)" in told
    table = run_command("compare", *make_run.runs_dir.iterdir(), "--all").stdout
    assert "best (selected)" in table and "0.8500 ± 0.0141 (2)" in table


def test_repeats_that_were_left_out_are_found_beside_the_one_that_was_given(make_run, best):
    runs = of_command(make_run, "a", [0.80, 0.90, 0.85])
    other = of_command(make_run, "b", [0.7], **{"architecture.units": 7})
    assert best(runs=[runs[1], *other])[0]["selected"] == {"of": 3, "among": "seeds"}
    assert best(runs=[runs[0], *other])[0]["selected"] is None  # it is not the best of them
    assert best()[0]["selected"] is None  # all three count


def test_the_best_of_many_configs_is_selected_by_its_first_run(make_run, best):
    for units, auc in enumerate((0.80, 0.90, 0.85, 0.86)):
        of_command(make_run, f"trial{units}", [auc], **{"architecture.units": units})
    assert best()[0]["selected"] == {"of": 4, "among": "configs"}
    of_command(make_run, "again", [0.87, 0.88, 0.89], first_seed=1, **{"architecture.units": 1})
    row, _ = best()
    assert (row["selected"], row["fresh"]["values"]) == ({"of": 4, "among": "configs"}, [0.87, 0.88, 0.89])
    assert row["metrics"]["test.auc"]["n"] == 4


def test_configs_that_were_all_repeated_alike_are_not_selected_by_one_run(make_run, best):
    for units, auc in enumerate((0.80, 0.90, 0.85)):
        of_command(make_run, f"c{units}", [auc, auc + 0.01], **{"architecture.units": units})
    assert best()[0]["selected"] is None


def test_two_configs_are_no_selection(make_run, best):
    for units, auc in enumerate((0.80, 0.90)):
        of_command(make_run, f"c{units}", [auc], **{"architecture.units": units})
    assert best()[0]["selected"] is None
