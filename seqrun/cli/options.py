"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

set_option = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="A.B=C",
    help="Set a key of the config, C being YAML; --set ~A.B removes one. Repeatable.",
)
data_dir_option = click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="SEQRUN_DATA_DIR",
    help="A folder of data files under their published names (or the variable SEQRUN_DATA_DIR).",
)
device_option = click.option(
    "--device", default="auto", show_default=True, metavar="auto|cpu|gpu|gpu:N", help="What to compute on."
)
