"""Which runs are averaged, and that the averages are right."""

import numpy as np
import pytest

from seqrun.comparing.comparison import compare
from seqrun.rundir.reading import read_run

OTHER_FILE = {"sources": [{"kind": "path", "path": "/data/imdb.npz", "sha256": "ff" * 32}], "test_sha256": "cd" * 32}


@pytest.fixture
def table(make_run):
    """The comparison of all runs made so far."""

    def read(*metrics, **options):
        return compare([read_run(path) for path in make_run.runs_dir.iterdir()], metrics, **options)

    return read


def test_repeats_are_one_row_with_numpys_mean_and_sample_deviation(make_run, table):
    scores = np.random.default_rng(0).uniform(size=5)
    epochs = [3, 4, 4, 7, 2]
    for seed, (score, count) in enumerate(zip(scores, epochs, strict=True)):
        history = [{"epoch": n + 1, "loss": 1.0, "seconds": 0.1} for n in range(count)]
        labels = {"name": f"n{seed}", "settings": {"tags": [str(seed)], "notes": str(seed)}}
        make_run(seed=seed, test={"auc": score}, skill=score - 1, history=history, **labels)
    (row,) = table().rows
    auc = row.metrics["test.auc"]
    assert (auc.n, sorted(auc.values)) == (5, sorted(scores))
    assert auc.mean == pytest.approx(np.mean(scores), rel=1e-14)
    assert auc.sd == pytest.approx(np.std(scores, ddof=1), rel=1e-12)
    assert row.skill.mean == pytest.approx(np.mean(scores - 1), rel=1e-12)
    assert row.epochs.mean == pytest.approx(np.mean(epochs))
    assert row.seconds.mean == pytest.approx(0.1 * np.mean(epochs))
    assert (row.parameters, row.status, row.so_far) == (652577, "finished", False)


def test_one_run_has_no_deviation(make_run, table):
    make_run(test={"auc": 0.9})
    assert table().rows[0].metrics["test.auc"].sd is None


@pytest.mark.parametrize("key", ["architecture.units", "dataset.split_seed", "trainer.optimizer.learning_rate"])
def test_another_config_is_another_row(make_run, table, key):
    make_run(seed=1, test={"auc": 0.9})
    make_run(seed=2, test={"auc": 0.8}, settings={key: 64})
    found = table()
    assert found.keys == [key]
    assert [row.metrics["test.auc"].n for row in found.rows] == [1, 1]


def test_one_seed_counts_once_by_its_newest_finished_run(make_run, table):
    make_run(seed=1, test={"auc": 0.1})
    make_run(seed=1, test={"auc": 0.9})
    make_run(seed=1, status="failed")
    make_run(seed=2, test={"auc": 0.7})
    (row,) = table().rows
    assert row.metrics["test.auc"].values == (0.9, 0.7)
    assert row.status == "finished"


def test_only_finished_runs_are_averaged(make_run, table):
    make_run(seed=1, test={"auc": 0.9}, validation={"auc": 0.8})
    make_run(seed=2, status="running", history=[{"epoch": 1, "loss": 1.0, "val_loss": 1.0, "val_auc": 0.1}])
    make_run(seed=3, status="diverged")
    (row,) = table("validation.auc").rows
    assert row.metrics["validation.auc"].values == (0.8,)
    assert row.status == "1 finished, 1 running, 1 diverged"
    assert not row.so_far


def test_runs_on_other_data_are_never_averaged_and_are_marked(make_run, table):
    make_run(seed=1, test={"auc": 0.9})
    make_run(seed=2, test={"auc": 0.5}, data=OTHER_FILE)
    make_run(seed=3, test={"auc": 0.4}, data={**OTHER_FILE, "test_sha256": "00" * 32})
    found = table()
    assert [row.metrics["test.auc"].values for row in found.rows] == [(0.9,), (0.5,), (0.4,)]
    assert found.unequal and len({row.test_data for row in found.rows}) == 3
    assert "unequal test data" in found.notes[0]


def test_what_tells_apart_test_sets_of_one_file_is_said(make_run, table):
    for number, column in enumerate((3, -1)):
        data = {**OTHER_FILE, "test_sha256": f"{number}" * 64}
        make_run(test={"auc": 0.9 - number}, settings={"dataset.tag_column": column}, data=data)
    (note,) = table().notes
    first, second = note.split("; ")
    assert first.endswith(", tag_column 3")
    assert second.endswith(", tag_column -1)")


def test_other_settings_on_the_same_test_rows_are_equal_test_data(make_run, table):
    make_run(test={"auc": 0.9})
    make_run(test={"auc": 0.8}, settings={"dataset.max_len": 500})
    found = table()
    assert (len(found.rows), found.unequal) == (2, False)
    assert "unequal" not in " ".join(found.notes)


@pytest.mark.parametrize("key", ["dataset.split_seed", "dataset.limit", "dataset.splits"])
def test_without_a_recorded_test_set_the_split_settings_tell(make_run, table, key):
    data = {"sources": OTHER_FILE["sources"], "rows": {"test": 10}}
    make_run(test={"auc": 0.9}, data=data)
    make_run(test={"auc": 0.8}, data=data, settings={key: 3})
    make_run(test={"auc": 0.7}, data=data, settings={"architecture.units": 64})
    assert sorted(row.test_data for row in table().rows) == [1, 1, 2]


def test_a_run_that_failed_before_it_had_data_is_no_other_experiment(make_run, table):
    make_run(seed=1, status="failed", data=None)
    make_run(seed=1, test={"auc": 0.9})
    (row,) = table().rows
    assert (row.status, row.test_data) == ("finished", 1)


def test_each_run_has_its_own_copy_of_a_plugin(make_run, table, tmp_path):
    for seed, code in ((1, "a = 1"), (2, "a = 1"), (3, "a = 2")):
        plugin = tmp_path / str(seed) / "my_model.py"
        plugin.parent.mkdir()
        plugin.write_text(code)
        make_run(seed=seed, test={"auc": 0.9}, settings={"plugins": [str(plugin)]})
    found = table()
    assert sorted(row.metrics["test.auc"].n for row in found.rows) == [1, 2]
    assert found.keys == ["plugins"]


def test_all_runs_can_have_a_row_each(make_run, table):
    for seed in (1, 2):
        make_run(seed=seed, test={"auc": 0.9})
    found = table(all_runs=True)
    assert [row.config for row in found.rows] == [{"seed": 1}, {"seed": 2}]


def test_the_runs_own_warnings_are_told_once_each(make_run, table):
    for seed in (1, 2):
        make_run(seed=seed, warnings=["validation is the test split"])
    assert table().notes == ["(!) 2 runs: validation is the test split"]


def test_a_run_that_does_not_say_its_fraction_of_the_training_data_had_all_of_it(make_run, table):
    make_run(seed=1, test={"auc": 0.9})
    make_run(seed=2, test={"auc": 0.8}, settings={"dataset.train_fraction": 1.0})
    make_run(seed=3, test={"auc": 0.7}, settings={"dataset.train_fraction": 0.5})
    found = table()
    assert found.keys == ["dataset.train_fraction"]
    assert [row.metrics["test.auc"].n for row in found.rows] == [2, 1]
