"""The benchmarks' cases stay valid experiments, and their tables say what was measured."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import growth, rounds
from benchmarks.budget import Budget
from benchmarks.cases import CASES, ROOT, Job
from benchmarks.data import arrays, classic_generator
from benchmarks.exporting import difference, table
from benchmarks.family_cases import FAMILIES, SMOKE, raw_of
from benchmarks.growth import grown
from benchmarks.kept import Kept, Result, Setting
from benchmarks.preparing import Preparation, Request
from benchmarks.processes import finished
from benchmarks.report import BEGIN, END, markdown, write
from benchmarks.rounds import Workers
from seqrun.components.splits import Spec, Splits, Windows
from seqrun.components.targets import SeriesTarget
from seqrun.config.experiment import load_experiment
from seqrun.registry import TRAINERS


@pytest.mark.parametrize("name", CASES)
def test_every_case_is_an_experiment_of_whole_batches(name: str) -> None:
    case = CASES[name]
    experiment = case.experiment()
    if experiment.trainer.steps_per_epoch is None:
        assert experiment.dataset.limit == case.steps * experiment.trainer.batch_size
    for settings in case.variants.values():
        assert case.experiment(settings) != experiment


@pytest.mark.parametrize("sizes", ({"batch": 32}, {"length": 256}, {"units": 64}))
def test_growth_trains_on_as_many_tokens_at_every_size(sizes: dict[str, int]) -> None:
    case = grown(**sizes)
    experiment = case.experiment()
    tokens = case.steps * experiment.trainer.batch_size * experiment.dataset.max_len
    assert tokens == pytest.approx(512_000, rel=0.01)


def test_growth_on_a_gpu_never_wants_more_reviews_than_there_are() -> None:
    for what, sizes in growth.SIZES["gpu"].items():
        for size in sizes:
            assert grown("gpu", **{what: size}).experiment().dataset.limit <= 16_000


def test_the_classic_generator_and_fit_see_windows_as_the_dataset_cuts_them() -> None:
    rows = np.arange(40, dtype=np.float32)[:, None]
    windows = Windows(rows, rows, np.arange(10, 20), np.arange(0, 6, 2), np.array([8]), ((0, 40),))
    inputs, targets = arrays(windows)
    assert (inputs[0, :, 0] == [10, 12, 14]).all() and targets[0, 0] == 18
    samples, following = next(classic_generator(windows, 64))
    assert (samples[:, 1:, 0] - samples[:, :-1, 0] == 2).all()
    assert (following - samples[:, 0, 0] == 8).all()


def test_the_twins_forecast_in_the_networks_units() -> None:
    rides = np.array([[118_654.0], [1_146_516.0]])
    target = SeriesTarget(("rides",), 1, scale=(1e6,))
    features = (rides / 1e6).astype(np.float32)
    windows = Windows(features, rides, np.arange(1), np.arange(1), np.array([1]), ((0, 2),))
    case = CASES["wavenet"]
    job = Job(case.network, case.experiment(), Splits(Spec((1, 1), target), windows, windows, windows, ()), 1, 1, 1)
    inputs, targets = arrays(job.train)
    assert inputs[0, 0, 0] == np.float32(0.118654) and targets[0, 0] == np.float32(1.146516)


def prepared(steps: int, folder: Path) -> dict[str, Path]:
    """Return the jobs of so many batches of 8 of a small IMDB."""
    case = replace(CASES["lstm"], steps=steps, settings=("trainer.batch_size=8",))
    sides = ("seqrun", "seqrun bfloat16")
    return Preparation(Request(case, sides, "cpu", 1, ROOT / "configs" / "smoke" / "data"), folder).jobs()


def test_jobs_are_prepared_in_a_process_of_their_own(tmp_path) -> None:
    jobs = prepared(2, tmp_path / "jobs")
    job, other = (pickle.loads(jobs[side].read_bytes()) for side in ("seqrun", "seqrun bfloat16"))
    assert len(job.train) == 16 and job.batch_size == 8 and job.sizes.time == 128
    assert [each.experiment.trainer.precision for each in (job, other)] == ["float32", "mixed_bfloat16"]


def test_too_few_samples_for_the_steps_are_told(tmp_path) -> None:
    with pytest.raises(RuntimeError, match=r"imdb.npz: 1000 batches want 8000 samples to train on, not \d+"):
        prepared(1000, tmp_path / "jobs")


CPU = {"device": "CPU", "threads": "2"}
MS = {"fit": [40.0, 20.0, 30.0], "pytorch": [30.0, 30.0, 30.0], "seqrun": [10.0, 10.0, 30.0], "products": [1.0] * 3}
STEPS = {"ms": MS, "mb": {"fit": 1000.0, "seqrun": 900.0}, "missed": {}}
PUBLISHED = {"imdb.npz": "published"}


def test_the_report_has_medians_and_the_ratios_of_rounds(tmp_path) -> None:
    (tmp_path / "README.md").write_text(f"# Mine\n{BEGIN}\nold\n{END}\nafter\n")
    kept = Kept(tmp_path / "results.json")
    kept.keep(CPU, "lstm", PUBLISHED, STEPS)
    write(kept, tmp_path)
    text = (tmp_path / "README.md").read_text()
    assert text.startswith("# Mine") and text.endswith("after\n") and "old" not in text
    assert "30.00 (25.00 to 35.00)" in text  # fit's milliseconds
    assert "2.00 (1.50 to 3.00)x **< 3**" in text  # of fit to seqrun, round by round: 4, 2 and 1
    assert (tmp_path / "results.png").stat().st_size > 0


def test_the_report_compares_with_the_faster_pytorch_and_marks_what_is_under_its_target() -> None:
    kept = Kept(Path("results.json"))
    fused = {**MS, "pytorch fused": [15.0, 15.0, 45.0]}
    kept.settings = [Setting(CPU, (Result("lstm", PUBLISHED, "2026-11-28", {**STEPS, "ms": fused}),))]
    [row] = [line for line in markdown(kept).splitlines() if line.startswith("| LSTM(32), 10,000 words, 128")][:1]
    assert "3.00 (2.00 to 3.00)x" in row.split("|")[-3]  # eager: 3, 3 and 1
    assert row.split("|")[-2].strip() == "1.50 (1.50 to 1.50)x **< 2**"


def test_a_result_replaces_the_one_of_its_machine_and_data_alone(tmp_path) -> None:
    file = tmp_path / "results.json"
    kept = Kept(file)
    other, generated = {**CPU, "threads": "4"}, {"imdb.npz": "generated"}
    for machine, part, data, ms in (
        (CPU, "lstm", PUBLISHED, 1.0),
        (CPU, "gru", PUBLISHED, 2.0),
        (CPU, "lstm", generated, 3.0),
        (other, "lstm", PUBLISHED, 4.0),
        (CPU, "lstm", PUBLISHED, 5.0),
    ):
        kept.keep(machine, part, data, {"ms": {"seqrun": [ms]}, "mb": {}, "missed": {}})
    read = Kept.read(file)
    found = [
        (setting.machine["threads"], result.part, *result.taken["ms"]["seqrun"])
        for setting in read.settings
        for result in setting.results
    ]
    assert found == [("2", "gru", 2.0), ("2", "lstm", 3.0), ("2", "lstm", 5.0), ("4", "lstm", 4.0)]


def test_results_from_elsewhere_are_added_with_their_own_dates(tmp_path) -> None:
    kept, card = Kept(tmp_path / "results.json"), {"device": "NVIDIA X"}
    kept.keep(CPU, "lstm", PUBLISHED, STEPS)
    other = Kept(tmp_path / "other.json", [Setting(card, (Result("lstm", PUBLISHED, "2026-11-20", STEPS),))])
    other.write()
    command = [sys.executable, "-m", "benchmarks", "--add", str(other.file), "--output", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    read = Kept.read(kept.file)
    assert [setting.machine for setting in read.settings] == [CPU, card]
    assert read.settings[1].results[0].date == "2026-11-20"
    assert (tmp_path / "results_gpu.png").exists() and "## Results: NVIDIA X" in (tmp_path / "README.md").read_text()


def test_the_whole_table_stays_in_front_of_a_later_case_measured_elsewhere() -> None:
    whole = tuple(Result(part, PUBLISHED, "2026-11-27", STEPS) for part in CASES)
    later = Setting({**CPU, "processor": "another"}, (Result("gru", PUBLISHED, "2026-11-28", STEPS),))
    kept = Kept(Path("results.json"), [later, Setting(CPU, whole)])
    text = markdown(kept)
    front, behind = text.split("## Results under other conditions")
    assert all(case.title in front for case in CASES.values())
    assert "another" in behind and CASES["gru"].title in behind
    assert "Not measured under these conditions: lstm, simple_rnn" in behind


def test_the_report_tells_what_was_cut_short_and_why() -> None:
    taken = {**STEPS, "missed": {"fit": "no answer within 20 s"}}
    kept = Kept(Path("results.json"), [Setting({"device": "NVIDIA X"}, (Result("lstm", {}, "2026-11-28", taken),))])
    assert "- lstm, Keras fit: no answer within 20 s" in markdown(kept)


def test_time_that_a_part_leaves_is_shared_among_the_others() -> None:
    now = 0.0
    budget = Budget(100, {"a": 1, "b": 1, "c": 2}, clock=lambda: now)
    assert budget.share("a") == 25
    now = 40.0
    assert budget.share("b") == 20  # of 60 for three quarters
    now = 98.0
    assert budget.share("c") == 0  # too little to say anything
    assert Budget(None, {"a": 1}).share("a") is None


FAKE = """
import json, sys, time
side, parameters = sys.argv[1], int(sys.argv[2])
print('"ready"', flush=True)
for number, line in enumerate(sys.stdin):
    if side == "hangs":
        time.sleep(60)
    if side == "dies" and number == 2:
        sys.exit("out of memory")
    if line.strip() != "end":
        seconds = 9.0 if side == "slow" else (1 + number) / 100
        print(json.dumps({"seconds": seconds, "parameters": parameters, "mb": 5.0}), flush=True)
"""


@pytest.fixture
def fake_sides(tmp_path, monkeypatch) -> Callable[..., Workers]:
    """Return what makes sides that train nothing: each answers as its name says."""
    script = tmp_path / "fake.py"
    script.write_text(FAKE)

    def made(device: str = "cpu", **parameters: int) -> Workers:
        command = [sys.executable, "-S", str(script)]
        monkeypatch.setattr(rounds, "command_of", lambda side: [*command, side, str(parameters.get(side, 1))])
        return Workers(tmp_path / "workers", device, 1)

    return made


@pytest.mark.parametrize("device", ["cpu", "gpu"])  # one after another, or all at once
def test_a_side_that_hangs_dies_or_is_slow_leaves_the_others_their_rounds(device, fake_sides, tmp_path) -> None:
    workers = fake_sides(device)
    jobs = dict.fromkeys(("well", "hangs", "dies", "slow"), tmp_path / "job")
    timed = workers.interleaved(jobs, rounds=2, limit=4.0)
    workers.end()
    assert timed.seconds == {"well": [0.03, 0.04], "slow": [9.0]}  # the first two turns do not count
    assert timed.missed.keys() == {"hangs", "dies", "slow"}
    assert "no answer within" in timed.missed["hangs"]
    assert "out of memory" in timed.missed["dies"]
    assert "1 of 2 rounds" in timed.missed["slow"]
    assert timed.mb["well"] == 5.0


def test_processes_take_one_job_after_another_and_one_that_ended_is_started_anew(fake_sides, tmp_path) -> None:
    workers = fake_sides()
    first = workers.interleaved({"well": tmp_path / "job", "dies": tmp_path / "job"}, rounds=1)
    second = workers.interleaved({"well": tmp_path / "job", "dies": tmp_path / "job"}, rounds=1)
    workers.end()
    assert first.missed.keys() == second.missed.keys() == {"dies"}
    assert first.seconds["well"] == [0.03] and second.seconds["well"] == [0.07]  # the same process, four lines later


def test_where_no_side_answers_there_is_nothing_but_the_reasons(fake_sides, tmp_path) -> None:
    workers = fake_sides()
    timed = workers.interleaved({"hangs": tmp_path / "job"}, rounds=2, limit=0.5)
    workers.end()
    assert timed.seconds == {} and timed.missed.keys() == {"hangs"}


def test_networks_of_unequal_size_are_not_compared(fake_sides, tmp_path) -> None:
    workers = fake_sides(fit=10, seqrun=11)
    with pytest.raises(RuntimeError, match="the networks are not the same"):
        workers.interleaved({"fit": tmp_path / "job", "seqrun": tmp_path / "job"}, rounds=1)
    workers.end()


def test_peak_memory_of_a_command_does_not_count_what_this_process_holds(tmp_path) -> None:
    held = np.ones(60_000_000, np.float32)  # 240 MB
    seconds, mb = finished([sys.executable, "-S", "-c", "pass"], tmp_path)
    assert held.nbytes > 200 * 2**20 > mb * 2**20 and seconds > 0


def test_a_command_that_fails_or_takes_too_long_is_told(tmp_path) -> None:
    with pytest.raises(RuntimeError, match="ended with 3"):
        finished([sys.executable, "-S", "-c", "raise SystemExit(3)"], tmp_path)
    with pytest.raises(RuntimeError, match="took longer than 1 s"):
        finished(["sleep", "60"], tmp_path, limit=1)


@pytest.mark.skipif(shutil.which("nvidia-smi") is not None, reason="this machine may have a card")
def test_without_a_card_gpu_is_a_wrong_argument_that_says_so() -> None:
    command = [sys.executable, "-m", "benchmarks", "--device", "gpu"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "nvidia-smi" in done.stderr and "--device cpu" in done.stderr


def test_a_gpu_is_asked_for_every_side_and_for_16_bits_of_some_cases() -> None:
    assert {"fit", "pytorch", "pytorch compiled", "seqrun"} <= {*CASES["simple_rnn"].sides("gpu")}
    precise = [name for name, case in CASES.items() if "seqrun float16" in case.sides("gpu")]
    assert {"lstm", "wavenet", "transformer"} <= {*precise}
    case = CASES["lstm"]
    assert case.experiment(case.settings_of("seqrun bfloat16")).trainer.precision == "mixed_bfloat16"
    assert {"pytorch", "products"} <= {*CASES["lstm"].sides("cpu")} and "pytorch compiled" not in case.sides("cpu")


def test_every_kind_of_trainer_has_a_family_that_is_an_experiment(tmp_path) -> None:
    trainers = set()
    for family in FAMILIES.values():
        settings = {**family.settings, **family.prepare(tmp_path)}
        changes = [f"{key}={json.dumps(value)}" for key, value in settings.items()]
        trainers.add(load_experiment(SMOKE / f"{family.config}.yaml", changes).trainer.name)
    assert trainers == {*TRAINERS}


def test_raw_input_of_an_export_is_the_end_of_each_series() -> None:
    many = FAMILIES["forecast of many series"].given()
    told = {"kind": "windows", "lookback": 48, "columns": ["load"], "calendar": ["hour"]}
    raw = raw_of(many, {"input": told, "output": {"series": {}}})
    assert raw["series"] == ["007", "north", "Süd"]
    assert np.shape(raw["samples"]) == (3, 48, 1)
    for name, sample, times in zip(raw["series"], raw["samples"], raw["times"], strict=True):
        own = many[many["plant"] == name]
        assert (np.array(sample)[:, 0] == own["load"].to_numpy()[-48:]).all()
        assert [f"{np.datetime64(seconds, 's')}".replace("T", " ") for seconds in times] == [*own["time"]][-48:]


def test_a_difference_is_in_proportion_to_large_numbers_and_infinite_where_one_is_missing() -> None:
    assert difference([0.25, np.nan], [0.5, np.nan]) == 0.25
    assert difference([1000.0], [1001.0]) == pytest.approx(1 / 1001)
    assert difference([np.nan], [1.0]) == difference([1.0, 2.0], [1.0]) == np.inf


def test_the_table_of_families_has_the_largest_difference_and_says_why_there_is_none() -> None:
    rows = {"a": {"onnx": 1e-6, "litert": "no loop"}, "b": {"onnx": 3e-7, "litert": "no loop"}, "c": {"litert": 0.0}}
    header, _, a, b, c, largest, _, note = table(rows).splitlines()
    assert header == "|  | onnx | litert |"
    assert (a, b, c) == ("| a | 1.0e-06 | (1) |", "| b | 3.0e-07 | (1) |", "| c |  | 0 |")
    assert largest == "| **largest** | 1.0e-06 | 0 |" and note.startswith("(1) no loop")
