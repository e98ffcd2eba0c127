"""What tests of several folders share."""

from __future__ import annotations

import copy
import fcntl
import gc
import os
import re
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from seqrun.config.experiment import load_experiment
from seqrun.errors import ConfigError
from seqrun.machine import withheld
from seqrun.rundir.directory import RunDirectory

# How long an example takes says how busy the machine is.
settings.register_profile("seqrun", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Many files for the readers, few minutes: HYPOTHESIS_PROFILE=many pytest tests/datasets/shared/test_readers_agree.py
settings.register_profile("many", settings.get_profile("seqrun"), max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "seqrun"))

# Tests send signals to processes that they start, also where a shell runs them in the background, with some ignored.
for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)

# XLA compiles each program in one piece, on one thread, to the same code: there are as many workers as cores.
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_parallel_codegen_split_count=1")

PATIENCE = 600  # seconds that a test waits for what a busy machine has not come to yet; only a mistake takes longer

TESTS = Path(__file__).parent
# Files whose tests build or train networks, start TensorFlow or draw many plots, beside those that import Keras at
# their top.
SLOW = (
    "api/test_asking.py",
    "api/test_evaluating.py",
    "api/test_notebook.py",
    "api/test_run.py",
    "api/test_training.py",
    "architectures/test_*.py",
    "architectures/layers/written/test_looking_ahead.py",
    "cli/test_ci_examples.py",
    "cli/test_curve.py",
    "cli/test_diff.py",
    "cli/test_evaluate.py",
    "cli/test_explain.py",
    "cli/test_predict*.py",
    "cli/test_reproduce.py",
    "cli/test_train*.py",
    "comparing/items/test_metrics_of_items.py",
    "comparing/slices/test_columns.py",
    "components/test_targets.py",
    "export/test_*.py",
    "inference/test_*.py",
    "loggers/test_loggers.py",
    "serving/test_*.py",
    "machine/test_device.py",
    "resume/test_*.py",
    "machine/test_generated_code.py",
    "machine/test_programs.py",
    "running/test_own_trainer.py",
    "running/test_network_size.py",
    "running/test_phases.py",
    "tasks/multilabel/test_multilabel_runs.py",
    "tasks/regression/test_regressor.py",
    "tasks/*/test_*_plots.py",
    "tasks/test_measured_names.py",
    "tasks/test_without_duplicates.py",
    "training/test_gpu_kernels.py",
    "training/test_plots.py",
    "test_shipped_configs.py",
    "test_twins.py",
)

CONFIG = {
    "dataset": {"name": "imdb", "num_words": 10000, "max_len": 128, "split_seed": 0, "limit": None},
    "architecture": {"name": "lstm", "units": 32, "dropout": 0.0},
    "trainer": {
        "name": "classifier",
        "optimizer": {"name": "adam", "learning_rate": 0.001, "beta_1": 0.9},
        "early_stopping": {"monitor": "val_loss", "patience": 7, "mode": "auto"},
    },
}
DATA = {
    "name": "imdb",
    "sources": [{"kind": "path", "path": "/data/imdb.npz", "sha256": "ab" * 32}],
    "rows": {"train": 20000, "validation": 5000, "test": 25000},
    "test_sha256": "cd" * 32,
}


FAMILIES = {  # -> a smoke config of each
    "classifier of two classes": "bag_of_words",
    "classifier of texts": "text",
    "classifier of numbers": "sequences",
    "forecaster": "series",
    "forecaster of itself": "waves_iterated",
    "forecaster with dropout": "waves_mc_dropout",
    "autoencoder": "mnist_conv_autoencoder",
    "tagger": "tagger",
    "multilabel": "multilabel",
    "regressor": "regressor",
}


@cache
def is_slow(file: Path) -> bool:
    imports_keras = re.search("^(import|from) keras", file.read_text("utf-8"), re.MULTILINE)
    return bool(imports_keras) or any(file.relative_to(TESTS).match(pattern) for pattern in SLOW)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks as `slow` what `make test-fast` leaves out, and puts it first: the last that is waited for is short."""
    for item in items:
        if is_slow(item.path):
            item.add_marker("slow")
    items.sort(key=lambda item: not is_slow(item.path))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Spares `make test-fast` the import of TensorFlow by files that it would leave out anyway."""
    leave_out = config.option.markexpr == "not slow" and collection_path.name.startswith("test_")
    return True if leave_out and is_slow(collection_path) else None


class RunMaker:
    """Makes small runs in `runs_dir` through RunDirectory, without training anything."""

    def __init__(self, runs_dir: Path):
        self.runs_dir = runs_dir
        self.alive: list[RunDirectory] = []
        self._clock = count()

    def __call__(
        self,
        *,
        name="imdb_lstm",
        seed=42,
        status="finished",
        test=None,
        validation=None,
        skill=None,
        history=(),
        settings=None,
        **record,
    ) -> Path:
        """The path of a run; `settings` are dotted config keys, `record` further fields of run.json."""
        run = RunDirectory.create(self.runs_dir, name)
        started = f"2026-11-22T04:15:{next(self._clock):02}.000+00:00"
        config = {"name": name, "seed": seed, "tags": [], "notes": None, **configured(settings or {})}
        fields = {"data": DATA, "parameters": {"total": 652577, "trainable": 652513, "non_trainable": 64}, **record}
        run.update(status="running", name=name, seed=seed, config=config, started=started, **fields)
        for row in history:
            run.add_epoch(row)
        if status == "finished":
            results = {"train": {}, "validation": validation or {}, "test": test or {}, "baselines": {}}
            run.write_json("metrics.json", {"best_epoch": 1, **results, "skill": skill})
        if status == "running":
            self.alive.append(run)
            return run.path
        run.update(status=status)
        run.close()
        return run.path


def configured(settings: dict) -> dict:
    """CONFIG with values at dotted keys replaced."""
    config = copy.deepcopy(CONFIG)
    for key, value in settings.items():
        *sections, last = key.split(".")
        section = config
        for part in sections:
            section = section.setdefault(part, {})
        section[last] = value
    return config


@pytest.fixture(scope="module", autouse=True)
def _a_short_list_for_the_collector():
    """Takes what is there before a module's tests, mostly the libraries', out of the garbage collector's sight.

    Each network that `seqrun train` or `predict` builds follows a whole collection, which else takes half a second.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _a_cache_of_their_own(tmp_path_factory):
    """Prepared data are kept for the tests that ask for it, and nothing of the user's is read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def _nothing_withheld():
    """What one test's config takes from the environment is nobody's secret in the next."""
    yield
    withheld._references.clear()


@pytest.fixture(scope="session")
def told_of():
    """told_of(config): what is wrong with a config file, as {dotted key: message}; nothing where it is valid."""

    def told_of(config: Path) -> dict[str, str]:
        try:
            load_experiment(config, data="if there")
        except ConfigError as error:
            return {".".join(map(str, problem.path)): problem.message for problem in error.problems}
        return {}

    return told_of


@pytest.fixture(scope="session")
def wait_for():
    """wait_for(condition, alive): returns as soon as the condition holds; fails when what should bring it about ended.

    `alive` says whether that still runs. Without one only patience ends.
    """

    def wait_for(condition: Callable[[], bool], alive: Callable[[], bool] = lambda: True) -> None:
        give_up = time.monotonic() + PATIENCE
        while not condition():
            going = alive() and time.monotonic() < give_up
            assert going or condition(), "waited in vain"
            time.sleep(0.01)

    return wait_for


@pytest.fixture(scope="session")
def undrawn():
    """`with undrawn():` spares tests of other things the drawing of plots, a third of a tiny run."""

    @contextmanager
    def undrawn():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("seqrun.training.drawing._png", lambda figure: b"")
            yield

    return undrawn


@pytest.fixture(scope="module")
def undrawn_plots(undrawn):
    """`undrawn` for a whole module."""
    with undrawn():
        yield


# Another network for the data and the trainer of lstm, mnist_lstm_autoencoder, waves_linear or waves_lstm, which draws
# the plots that they draw.
SAME_PLOTS = {
    *("bag_of_words", "bilstm", "bucketed", "conv1d", "conv_gru", "gru", "rnn", "sequential", "transformer"),
    *("mnist_bilstm_autoencoder", "mnist_conv_autoencoder", "waves_ln_rnn", "waves_rnn", "waves_wavenet"),
}


@pytest.fixture(scope="session")
def family_run(tmp_path_factory, undrawn):
    """family_run("tagger"): the run of a smoke config, trained once for all workers; each has a copy of its own.

    Where another config draws the same plots, it has none.
    """
    runs, own = tmp_path_factory.getbasetemp(), tmp_path_factory.mktemp("families")
    shared = (runs.parent if "PYTEST_XDIST_WORKER" in os.environ else runs) / "families"
    shared.mkdir(exist_ok=True)

    @cache
    def family_run(config: str) -> Path:
        from commands import SMOKE, train  # here: it imports the command line

        with (shared / f"{config}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not [*shared.glob(f"{config}/*")]:
                began = time.process_time()
                with undrawn() if config in SAME_PLOTS else nullcontext():
                    train(SMOKE / f"{config}.yaml", shared / config)
                assert time.process_time() - began < 60  # what others do on the machine does not count
        (run,) = shared.glob(f"{config}/*")
        return shutil.copytree(run, own / run.name)

    return family_run


@pytest.fixture(scope="session")
def trained(family_run) -> Callable[[str], Path]:
    """trained("tagger"): the run of one of FAMILIES, one for all tests."""
    return lambda family: family_run(FAMILIES[family])


@pytest.fixture
def make_run(tmp_path):
    """See RunMaker; runs with the status `running` stay alive until the test ends."""
    maker = RunMaker(tmp_path / "runs")
    yield maker
    for run in maker.alive:
        run.close()
