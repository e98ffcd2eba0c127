"""A run measured again from Python."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.api.asking import as_python, called, renamed
from seqrun.api.calls import data_folder
from seqrun.api.sources import Data, Labels, Source, labelled_source
from seqrun.api.telling import warn
from seqrun.errors import InputError, Parameter
from seqrun.machine.scratch import scratch_folder

if TYPE_CHECKING:
    import pandas as pd

    from seqrun.events.events import Event
    from seqrun.inference.evaluation import Evaluation as Found
    from seqrun.inference.saved import SavedRun


class Evaluation:
    """What a run is worth on some samples."""

    def __init__(self, saved: SavedRun, found: Found):
        self._saved, self._found = saved, found

    @property
    def name(self) -> str:
        """The name of its folder in the run's `evaluations/`: by default the split's or the file's."""
        return self._found.name

    @property
    def path(self) -> Path | None:
        """Where it is kept; None for an evaluation on a table, which is kept nowhere."""
        return self._found.path

    @property
    def metrics(self) -> dict[str, float]:
        """The metrics that training gives of the test split, on these samples."""
        return self._found.metrics

    @property
    def by_class(self) -> pd.DataFrame:
        """A row a class, label or tag: precision, recall, f1 and support; empty for other tasks."""
        import pandas as pd

        return pd.DataFrame(self._found.by_class).T

    @property
    def confusion(self) -> pd.DataFrame:
        """How often samples of each class (the rows) were taken for each (the columns); empty for other tasks."""
        import pandas as pd

        found = self._found.confusion
        if found is None:
            return pd.DataFrame()
        return pd.DataFrame(found.counts, index=[*found.names], columns=[*found.names])

    @property
    def predictions(self) -> pd.DataFrame:
        """The samples in rows, their labels beside the predictions, as `seqrun evaluate -o` writes them."""
        import pandas as pd

        from seqrun.inference.evaluated_rows import rows_of

        return pd.DataFrame(dict(rows_of(self._saved, self._found).columns))

    @property
    def warnings(self) -> list[str]:
        """What is to be known before the metrics are believed."""
        return [*self._found.warnings]

    def __repr__(self) -> str:
        return f"<evaluation {self.name} of {self._saved.run.path.name}>"

    def _repr_html_(self) -> str:
        from seqrun.api.html import evaluation_html

        return evaluation_html(self.name, self._saved.run.path.name, self.metrics, self._found.recorded, self.warnings)


def evaluation(
    saved: SavedRun,
    data: Data | None,
    labels: Labels | None,
    options: Mapping[str, Any],
    reading: Mapping[str, Any],
    data_dir: str | os.PathLike[str] | None,
    *,
    cache: bool,
) -> Evaluation:
    """Return what the run is worth on one of its splits, or on new samples; see `Run.evaluate`."""
    from seqrun.datasets.files.prepared import prepared_folder
    from seqrun.events.events import Warned
    from seqrun.inference.evaluation import Evaluated, evaluate

    with scratch_folder() as folder:
        source = labelled_source(saved, data, labels, folder)
        _check(source, options)

        def tell(event: Event) -> None:
            if isinstance(event, Warned):
                warn(renamed(event.text, source))

        own = {"column": source.column, "label": source.label} if source.column else {}
        with as_python(source), called(source):
            wanted = Evaluated(**{**options, **own}, path=source.path, reading=reading)
            kept_data = prepared_folder() if cache else None
            keep = source.name is None
            found = evaluate(saved, wanted, data_dir=data_folder(data_dir), cache=kept_data, emit=tell, keep=keep)
    return Evaluation(saved, found)


def _check(source: Source, options: Mapping[str, Any]) -> None:
    """Raise InputError for a name of what is kept nowhere, and for columns of what has none."""
    if source.name is not None and (name := options.get("name")) is not None:
        raise InputError(Parameter("name", name), f": an evaluation on {source.name} is kept nowhere; give a file")
    for name in ("column", "label"):
        if source.column is not None and (given := options.get(name)) is not None:
            raise InputError(
                Parameter(name, given), f": {source.name} and labels have no names; give a table or a file"
            )
