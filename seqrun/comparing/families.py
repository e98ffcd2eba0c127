"""A comparison of unlike runs, taken apart: a table for each family, with that family's settings and metrics alone."""

from __future__ import annotations

from dataclasses import replace

from seqrun.comparing import repeats
from seqrun.comparing.comparison import first_with_direction, sort_rows
from seqrun.comparing.differences import MISSING, differing_keys, value_at
from seqrun.comparing.table import Comparison, TableRow


def families(comparison: Comparison) -> dict[str, Comparison]:
    """Return a comparison for each family of the rows, by its name; the notes stay with the whole.

    Each has the config keys in which its own rows differ, and those of the metrics that one of its rows has.
    """
    found: dict[str, list[TableRow]] = {}
    for row in comparison.rows:
        found.setdefault(row.family, []).append(row)
    if len(found) == 1:
        return dict.fromkeys(found, comparison)
    return {name: _of_family(found[name], comparison) for name in sorted(found)}


def _of_family(rows: list[TableRow], whole: Comparison) -> Comparison:
    configs = [{**_label(row, whole), **repeats.experiment_config(row.runs[-1])} for row in rows]
    telling = ["running" in row.status or any(row.metrics.values()) for row in rows]
    keys = differing_keys([config for config, told in zip(configs, telling, strict=True) if told])
    metrics = [name for name in whole.metrics if any(row.metrics[name] for row in rows)]
    own = [
        replace(
            row,
            config={key: value for key in keys if (value := value_at(config, key)) is not MISSING},
            metrics={name: row.metrics[name] for name in metrics},
        )
        for row, config in zip(rows, configs, strict=True)
    ]
    if not whole.asked:  # the whole is in the order of a metric that this family may not have
        own = sort_rows(own, first_with_direction(metrics, whole.directions), directions=whole.directions)
    return Comparison(own, keys, metrics, directions=whole.directions, asked=whole.asked)


def _label(row: TableRow, whole: Comparison) -> dict[str, object]:
    return {"seed": row.config["seed"]} if "seed" in whole.keys and "seed" in row.config else {}
