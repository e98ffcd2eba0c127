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
no_cache_option = click.option(
    "--no-cache", is_flag=True, help="Prepare the data anew, and keep nothing of it in the cache (~/.cache/seqrun)."
)
threads_option = click.option(
    "--threads",
    type=click.IntRange(1, 1024),
    help="How many threads compute, by default as many as there are cores that this process may use. Results can "
    "differ in the last digits with another number, and do not with the same.",
)
device_option = click.option(
    "--device", default="auto", show_default=True, metavar="auto|cpu|gpu|gpu:N", help="What to compute on."
)
