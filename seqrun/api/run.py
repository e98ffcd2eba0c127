"""A run as Python code has it: its results as tables, its network, and predictions from it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from seqrun.api.plots import Plots
from seqrun.api.telling import withholding
from seqrun.rundir.names import RUNS, find_run
from seqrun.rundir.reading import RunRecord, read_run

if TYPE_CHECKING:
    import keras
    import numpy as np
    import pandas as pd

    from seqrun.api.evaluating import Evaluation
    from seqrun.api.reproducing import Reproduced
    from seqrun.api.sources import Data, Labels
    from seqrun.console import ProgressKind
    from seqrun.inference.saved import SavedRun


class Run:
    """One run directory. What is asked of it is read when it is asked for, so that a run which goes on is seen to."""

    def __init__(self, path: Path, *, allow_plugins: bool = False):
        self.path = path
        self._allow_plugins = allow_plugins
        self._kept: SavedRun | None = None

    @property
    def name(self) -> str:
        """The name of its directory, by which every command finds it."""
        return self.path.name

    @property
    def status(self) -> str:
        """`running`, `finished`, `failed`, `interrupted` or `diverged`."""
        return self._read().status

    @property
    def record(self) -> dict[str, Any]:
        """All of `run.json`: times, seed, versions, device, data, parameters."""
        return self._read().record

    @property
    def config(self) -> dict[str, Any]:
        """The experiment, resolved; `seqrun.train(run.config, seed=2)` trains it again."""
        return dict(self.record.get("config", {}))

    @property
    def metrics(self) -> dict[str, Any]:
        """All of `metrics.json`: `run.metrics["test"]["auc"]`; empty before the run has been measured."""
        return dict(self._read().metrics or {})

    @property
    def warnings(self) -> list[str]:
        """What a careful reader would have noticed, of the data and of the results."""
        return [*(self.record.get("warnings") or ())]

    @property
    def tags(self) -> list[str]:
        """The user's labels of the run, which `seqrun tag` changes."""
        return self._read().tags

    @property
    def history(self) -> pd.DataFrame:
        """A row an epoch: epoch, losses, metrics, learning_rate, seconds, samples_per_second."""
        import pandas as pd

        frame = pd.DataFrame(self._read().history)
        return frame.astype({"epoch": int}) if "epoch" in frame else frame

    @property
    def predictions(self) -> pd.DataFrame:
        """The test split: a row a sample (a forecast has one a step, a tagger one a tagged step), targets beside
        predictions.

        The columns are called as those of `seqrun evaluate -o`. Raises UsageError for a run that has none yet.
        """
        import pandas as pd

        from seqrun.inference.kept import kept_columns

        return pd.DataFrame(kept_columns(self._read()))

    @property
    def plots(self) -> Plots:
        """The plots by name: `run.plots["loss"]` is a path, and a picture where a notebook shows it."""
        return Plots.of(self.path)

    @withholding
    def model(self) -> keras.Model:
        """Return the network with the best epoch's weights. It reads what the run's reader makes of raw input."""
        from seqrun.inference.network import Network

        self._select_device()
        return replace(self._saved, network=Network()).model  # its own: training it further changes no predictions

    @overload
    def predict(self, data: Data | None = None, *, arrays: Literal[True], **options: Any) -> dict[str, np.ndarray]: ...

    @overload
    def predict(self, data: Data, *, decode: Literal[True], **options: Any) -> np.ndarray: ...

    @overload
    def predict(self, *, sample: int, seed: int | None = None) -> np.ndarray: ...

    @overload
    def predict(
        self,
        data: Data,
        *,
        column: str | None = None,
        threshold: float | str | None = None,
        encode: bool = False,
        reconstruct: bool = False,
        **reading: Any,
    ) -> pd.DataFrame: ...

    @withholding
    def predict(
        self,
        data: Data | None = None,
        *,
        column: str | None = None,
        threshold: float | str | None = None,
        encode: bool = False,
        decode: bool = False,
        reconstruct: bool = False,
        sample: int | None = None,
        seed: int | None = None,
        arrays: bool = False,
        **reading: Any,
    ) -> pd.DataFrame | np.ndarray | dict[str, np.ndarray]:
        """Return what the run predicts of new raw input, read as its own data were.

        `data` is a text or a list of texts; a DataFrame (or Series) with the columns that the run's files have; an
        array; or a file, as a Path. The parameters are the options of `seqrun predict`; `reading` are those that say
        how a file is written: `delimiter=";"`, `decimal=","`.

            run.predict(["A film to remember.", "Two hours of my life."])
            run.predict(frame)
            run.predict(Path("load.csv"), decimal=",")

        The result is a table, a row a sample, with the same columns as the command's; of a DataFrame, each row has the
        label that it has there. Samples of numbers, which no table shows, are an array. `arrays=True`: everything as
        arrays, by name, as the command writes them into a .npz file. What is to be known of the input is warned of.

        Raises InputError for what the run cannot be asked, and DataError for input that it cannot read.
        """
        from seqrun.api.asking import answered, check_reading

        check_reading(self.predict, reading)
        options = {"column": column, "threshold": threshold, "sample": sample, "seed": seed, **reading}
        modes = {"encode": encode, "decode": decode, "reconstruct": reconstruct}
        answer = answered(self._saved, data, {**options, **modes}, self._select_device)
        return {**answer.results.arrays} if arrays else answer.table()

    @withholding
    def evaluate(
        self,
        data: Data | None = None,
        *,
        labels: Labels | None = None,
        split: str | None = None,
        column: str | None = None,
        label: str | None = None,
        name: str | None = None,
        data_dir: str | os.PathLike[str] | None = None,
        cache: bool = True,
        **reading: Any,
    ) -> Evaluation:
        """Measure the run again, with its own weights, thresholds and intervals, and return what it is worth.

        Without data that is on its own test split, or on the one that `split` names; else on new samples, given as in
        `predict`. What is true of them stands in the columns of a DataFrame or of a file (a Path), called as in the
        run's own files if `label` says nothing else; of texts and of arrays in `labels`, one a sample. The other
        parameters are the options of `seqrun evaluate`. An evaluation on a split or on a file is kept in the run's
        `evaluations/`.

            run.evaluate().metrics == run.metrics["test"]
            run.evaluate(Path("labelled.csv")).confusion
            run.evaluate(["A film to remember."], labels=["positive"]).metrics

        Raises InputError for what the run cannot be asked, and DataError for data that cannot be had or used.
        """
        from seqrun.api.asking import check_reading
        from seqrun.api.evaluating import evaluation

        self._select_device()
        options = {"split": split, "column": column, "label": label, "name": name}
        check_reading(self.evaluate, reading)
        return evaluation(self._saved, data, labels, options, reading, data_dir, cache=cache)

    @withholding
    def resume(
        self,
        *,
        set: Mapping[str, Any] | None = None,
        anyway: bool = False,
        data_dir: str | os.PathLike[str] | None = None,
        cache: bool = True,
        progress: ProgressKind = "auto",
    ) -> Run:
        """Go on with the run from its last whole checkpoint, and return it when it has finished.

        `set={"trainer.epochs": 50}` trains up to 50 epochs, also with a finished run. The parameters are the options of
        `seqrun resume`. Raises as `seqrun.train` does.
        """
        from seqrun.api.resuming import resumed

        self._kept = None
        how: dict[str, Any] = {"anyway": anyway, "data_dir": data_dir, "cache": cache, "progress": progress}
        resumed(self.path, set, allow_plugins=self._allow_plugins, **how)
        return self

    @withholding
    def reproduce(
        self,
        *,
        runs_dir: str | os.PathLike[str] = RUNS,
        data_dir: str | os.PathLike[str] | None = None,
        cache: bool = True,
        progress: ProgressKind = "auto",
    ) -> Reproduced:
        """Train the finished run again, from its directory alone, and return what came of it.

        The new run is in `runs_dir`. The parameters are the options of `seqrun reproduce`.

            run.reproduce().verdict          # "identical", "within noise" or "differs"

        Raises UsageError for a run that cannot be trained again, else as `seqrun.train` does.
        """
        from seqrun.api.reproducing import reproduced

        how: dict[str, Any] = {"runs_dir": runs_dir, "data_dir": data_dir, "cache": cache, "progress": progress}
        return reproduced(self.path, allow_plugins=self._allow_plugins, **how)

    @property
    def _saved(self) -> SavedRun:
        """What its network is rebuilt from; once it has finished, that and the network are kept."""
        from seqrun.inference.saved import read_saved

        if self._kept is None or self._kept.run.status != "finished":
            self._kept = read_saved(self._read(), allow_plugins=self._allow_plugins)
        return self._kept

    def _select_device(self) -> None:
        from seqrun.machine.device import select_device

        select_device("auto")

    def _read(self) -> RunRecord:
        return read_run(self.path)

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return f"<seqrun.Run {self.name}: {self.status}>"

    def _repr_html_(self) -> str:
        from seqrun.api.html import run_html

        return run_html(self._read())


@withholding
def load(run: str | os.PathLike[str], *, runs_dir: str | os.PathLike[str] = RUNS, allow_plugins: bool = False) -> Run:
    """Return a run, by the path of its directory or by what it is called.

        seqrun.load("runs/20261122-041530_imdb_lstm")
        seqrun.load("imdb_lstm")  # if one run in runs/ is of this experiment
        seqrun.load("@latest")  # "@2": the one before; "imdb_lstm@latest": of this experiment

    Names are looked for in `runs_dir`. A run that was trained with plugins needs `allow_plugins` to be rebuilt: they
    are code. Raises UsageError, with similar names, if there is none, or if it is damaged.
    """
    found = read_run(find_run(run, Path(runs_dir)))
    return Run(found.path.resolve(), allow_plugins=allow_plugins)
