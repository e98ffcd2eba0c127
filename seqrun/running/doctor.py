"""Checks of what a training run needs of this machine; nothing is downloaded, and nothing is left behind.

Servers that publish data are only asked for a connection.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from seqrun import readable
from seqrun.components.locations import Locations
from seqrun.config.plugins import installed_registries
from seqrun.datasets.files.prepared import prepared_folder
from seqrun.datasets.files.sources import Found, Wanted, find
from seqrun.errors import DataError, SeqrunError
from seqrun.machine.reachability import reachable
from seqrun.registry import NoComponentError

if TYPE_CHECKING:
    from seqrun.components.base import Experiment

ROOM_TO_TRAIN = 100_000_000  # bytes: a run directory with two checkpoints of a small network
ROOM_TO_BE_AT_EASE = 2_000_000_000  # bytes


Verdict = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One line of the report; `fail` means that a training would not work."""

    verdict: Verdict
    subject: str
    text: str


def examine(data_dir: Path | None, runs_dir: Path, experiments: Sequence[Experiment] = ()) -> Iterator[Finding]:
    """Yield all findings, each as soon as it is known; those of TensorFlow take some seconds.

    Of experiments whose data are on this machine it is told whether a GPU pays for them.
    """
    yield python()
    yield packages()
    yield threads()
    computing = [*tensorflow()]
    yield from computing
    if not any(each.verdict == "fail" for each in computing):
        yield from (config(each, data_dir) for each in experiments)
    yield from data(data_dir)
    yield writable(runs_dir)
    yield space(runs_dir)


def python() -> Finding:
    """Return the interpreter and the machine that it runs on."""
    where = f"{platform.system()} {platform.machine()}, {sys.executable}"
    return Finding("ok", "python", f"{platform.python_version()} on {where}")


def packages() -> Finding:
    """Return whether the packages that seqrun requires are installed, each in a version that it works with."""
    from packaging.requirements import Requirement

    try:
        required = importlib.metadata.requires("seqrun") or ()
    except importlib.metadata.PackageNotFoundError:
        return Finding("warn", "packages", "seqrun itself is not installed, so what it requires is unknown")
    versions, unmet = [], []
    for text in required:
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            unmet.append(f"{requirement.name} is not installed")
            continue
        versions.append(f"{requirement.name} {version}")
        if not requirement.specifier.contains(version, prereleases=True):
            unmet.append(f"{requirement.name} {version} is installed, {requirement.specifier} is needed")
    if unmet:
        return Finding("fail", "packages", "; ".join(unmet) + ": install seqrun again (pip install -e .)")
    return Finding("ok", "packages", ", ".join(versions))


def threads() -> Finding:
    """Return how many CPUs this process may use, and the variables that change how TensorFlow uses them."""
    from seqrun.machine.device import usable_cores

    count, usable = os.cpu_count() or 1, usable_cores()
    variables = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    given = [f"{name}={os.environ[name]}" for name in variables if name in os.environ]
    return Finding("ok", "threads", ", ".join([f"{usable} of {count} CPUs usable", *given]))


# --- TensorFlow


def tensorflow() -> Iterator[Finding]:
    """Yield whether TensorFlow and Keras can be imported, see the GPUs that are there, and compute."""
    from seqrun.machine.device import import_tensorflow

    try:
        tf = import_tensorflow()
        import keras
    except Exception as error:  # a broken installation fails in many ways, all of which are what is asked for here
        yield Finding("fail", "tensorflow", f"cannot be imported: {type(error).__name__}: {error}")
        return
    yield Finding("ok", "tensorflow", f"{tf.__version__}, {_build(tf)}")
    backend = keras.backend.backend()
    yield Finding(
        "ok" if backend == "tensorflow" else "fail",
        "keras",
        f"{keras.__version__} on {backend}" + ("" if backend == "tensorflow" else ": set KERAS_BACKEND=tensorflow"),
    )
    yield _device(tf)


def _build(tf: ModuleType) -> str:
    x86 = platform.machine() in ("x86_64", "AMD64")
    onednn = x86 and os.environ.get("TF_ENABLE_ONEDNN_OPTS") != "0"
    cuda = tf.sysconfig.get_build_info().get("cuda_version")
    has = {"XLA": tf.test.is_built_with_xla(), "oneDNN": onednn, f"CUDA {cuda}" if cuda else "CUDA": cuda}
    return ", ".join(f"{'with' if there else 'without'} {name}" for name, there in has.items())


def _device(tf: ModuleType) -> Finding:
    gpus = tf.config.list_physical_devices("GPU")
    try:
        for gpu in gpus:
            tf.config.experimental.set_memory_growth(gpu, True)
        total = float(tf.reduce_sum(tf.ones((8, 8)) @ tf.ones((8, 8))))
    except Exception as error:  # drivers, libraries and processors that do not fit raise errors of every kind
        return Finding("fail", "device", f"cannot compute: {type(error).__name__}: {error}")
    if total != 512.0:
        return Finding("fail", "device", f"computes wrongly: a sum that should be 512 is {total}")
    if gpus:
        details = (tf.config.experimental.get_device_details(gpu) for gpu in gpus)
        names = ", ".join(detail.get("device_name", "unknown model") for detail in details)
        return Finding("ok", "device", f"{len(gpus)} GPU{'s' * (len(gpus) > 1)}: {names}")
    if Path("/dev/nvidia0").exists():
        return Finding("warn", "device", "CPU; TensorFlow does not see this machine's GPU: pip install 'seqrun[gpu]'")
    return Finding("ok", "device", "CPU (no GPU)")


def config(experiment: Experiment, data_dir: Path | None) -> Finding:
    """Return whether a GPU pays for an experiment; its data are read, and its network is built."""
    from seqrun.running.gpu_gain import told
    from seqrun.running.phases import build

    subject, dataset = f"config: {experiment.name}", experiment.dataset
    wanted = getattr(dataset, "wanted", None)
    if wanted is not None and getattr(dataset, "path", None) is None:
        place = next((name for name, _ in _present(wanted, data_dir) if name != "package"), None)
        if place is None:
            return Finding("warn", subject, f"{dataset.name} is not on this machine: seqrun data {dataset.name}")
        dataset = dataset.model_copy(update={"source": place})
    try:
        splits = dataset.load(Locations(data_dir, lambda event: None, prepared_folder()))
        model, _ = build(experiment, splits)
    except SeqrunError as error:
        return Finding("warn", subject, str(error))
    return Finding("ok", subject, told(experiment, model))


# --- data


def data(data_dir: Path | None) -> Iterator[Finding]:
    """Yield where each dataset with a published file would come from; the `path` of a config is not known here.

    A dataset that cannot be had is a warning, not a failure: the user may want another.
    """
    if data_dir is not None and not data_dir.is_dir():
        yield Finding("fail", "data", f"--data-dir (or SEQRUN_DATA_DIR): {data_dir} is no directory")
        data_dir = None
    registry = installed_registries()["dataset"]
    for name in registry.names():
        try:
            wanted = getattr(registry.get(name), "wanted", None)
        except NoComponentError as error:
            yield Finding("fail", f"data: {name}", str(error))
            continue
        if wanted is not None:
            text, as_asked = _origin(wanted, data_dir)
            yield Finding("ok" if as_asked else "warn", f"data: {wanted.dataset}", text)


def _origin(wanted: Wanted, data_dir: Path | None) -> tuple[str, bool]:
    """Return where a dataset's file would come from; and whether it is on this machine, and where the user said."""
    here, names = dict(_present(wanted, data_dir)), " or ".join(wanted.names)
    missed = f"{data_dir} does not hold {names}; " if data_dir and "data_dir" not in here else ""
    if found := here.get("data_dir") or here.get("cache"):
        return f"{missed}would read {found.path} ({found.kind})", not missed
    if found := here.get("package"):
        first = f"try to download {wanted.remote.url}, else " if wanted.remote else ""
        return f"{missed}would {first}read {found.path} (package)", not missed
    if wanted.remote is None:
        return f"{missed}not on this machine, and published nowhere that seqrun knows", False
    there, state = reachable(wanted.remote.url)
    start = f"{missed}not on this machine: training on it needs the network, to download {wanted.remote.url}"
    if there:
        return f"{start} ({state})", False
    install = f", or {wanted.package.command}" if wanted.package else ""
    helps = f"it would fail here without a --data-dir that holds {names}{install}"
    return f"{start}, but {state}; {helps}", False


def _present(wanted: Wanted, data_dir: Path | None) -> Iterator[tuple[str, Found]]:
    """Yield the places of this machine that hold the file, in the order in which a run looks at them."""
    locations = Locations(data_dir, emit=lambda event: None)
    for place in ("data_dir", "cache", "package"):
        with contextlib.suppress(DataError):  # it is not there: the next place
            yield place, find(wanted, path=None, source=place, locations=locations)


# --- disk


def writable(runs_dir: Path) -> Finding:
    """Return whether files can be made and removed in the runs directory, or where it would be made."""
    place = _nearest(runs_dir)
    try:
        with tempfile.NamedTemporaryFile(dir=place, prefix=".seqrun-doctor-") as file:
            file.write(b"seqrun")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return Finding("fail", "runs", f"cannot write in {place}: {error.strerror or error}; see --runs-dir")
    return Finding(
        "ok", "runs", f"{runs_dir.absolute()} can be {'written' if place == runs_dir.absolute() else 'made'}"
    )


def space(runs_dir: Path) -> Finding:
    """Return how much room is left for runs."""
    free = shutil.disk_usage(_nearest(runs_dir)).free
    verdict: Verdict = "fail" if free < ROOM_TO_TRAIN else "warn" if free < ROOM_TO_BE_AT_EASE else "ok"
    return Finding(verdict, "disk", f"{readable.size(free)} free")


def _nearest(path: Path) -> Path:
    """Return the path itself, or the nearest of its parents that exists."""
    path = path.absolute()
    return next(place for place in (path, *path.parents) if _exists(place))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:  # it is in a directory that may not be looked into
        return False
