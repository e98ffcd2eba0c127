"""An evaluation of a run as tables of text: what `seqrun evaluate` prints, and `seqrun show` lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seqrun.metrics import HEADLINES
from seqrun.rundir.evaluations import evaluations_of
from seqrun.rundir.reading import RunRecord
from seqrun.tasks.pages import NOTHING, Section, Shown, cell, page_of

MOST_CLASSES = 12  # of a confusion matrix that is printed
OF_TEST = ("by_step", "by_target")  # details that a run's own metrics.json has by split


def sections(
    run: RunRecord, name: str, results: Mapping[str, Any], recorded: Mapping[str, Mapping[str, float]]
) -> Iterator[Section]:
    """Yield the tables of an evaluation: metrics beside what training has recorded, then what the task adds.

    `results` are the content of the evaluation's metrics.json.
    """
    yield _scores({name: results["metrics"], **recorded})
    details = {key: {"test": value} if key in OF_TEST else value for key, value in results.items()}
    trainer = (run.record.get("config", {}).get("trainer") or {}).get("name")
    page = page_of(trainer, Shown(run.path, {**details, "test": results["metrics"]}, [], 0))
    yield from (section for section in page.results if section.rows)
    confusion = results.get("confusion")
    if confusion and len(confusion["names"]) <= MOST_CLASSES:
        yield _confusion(confusion["names"], confusion["counts"])


def _scores(table: Mapping[str, Mapping[str, float]]) -> Section:
    """Return the table of metrics, those of the first column down, a column each."""
    first = next(iter(table.values()))
    rows = [[metric, *(cell(values.get(metric)) for values in table.values())] for metric in first]
    return Section(["metric", *table], rows, tuple(table))


def _confusion(names: Sequence[str], counts: Sequence[Sequence[int]]) -> Section:
    headers = [f"predicted {name}" for name in names]
    rows = [[name, *(f"{count:,}" for count in row)] for name, row in zip(names, counts, strict=True)]
    return Section(["is", *headers], rows, tuple(headers))


def listed(run: RunRecord) -> Section:
    """Return the table of a run's evaluations: on what, how many samples, when, and the metrics that tell most.

    Those that were made with other weights, before the run was resumed, say so.
    """
    found = evaluations_of(run.path)
    metrics = [name for name in HEADLINES if any(name in each.results["metrics"] for each in found)]
    rows = [
        [
            each.path.name if each.is_of(run.record) else f"{each.path.name} (of former weights)",
            each.record["data"].get("path") or f"{each.record['data'].get('split') or NOTHING} split",
            f"{each.record['data']['samples']:,}",
            each.record["evaluated"][:16].replace("T", " "),
            *(cell(each.results["metrics"].get(name)) for name in metrics),
        ]
        for each in found
    ]
    return Section(["evaluation", "on", "samples", "when (UTC)", *metrics], rows, ("samples", *metrics))
