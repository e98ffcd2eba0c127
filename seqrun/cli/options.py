"""Options that several commands share."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import click

from seqrun.cli import completing
from seqrun.errors import Parameter, UsageError
from seqrun.readable import printable
from seqrun.rundir import atomic


def usable_folder(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """Return an option's folder; raise BadParameter for a path that none can have."""
    from seqrun.config.paths import unusable

    if value is not None and (reason := unusable(value)):
        raise click.BadParameter(reason)
    return value


_DEVICES = ("--cpu", "--gpu")
set_name = "overrides"  # of the parameter that `--set` gives
set_option = click.option(
    "--set",
    set_name,
    multiple=True,
    metavar="A.B=C",
    shell_complete=completing.settings,
    help="Set a key of the config, C being YAML; --set ~A.B removes one. Repeatable.",
)
tag_option = click.option(
    "--tag",
    "tags",
    multiple=True,
    metavar="T",
    shell_complete=completing.tags,
    help="Runs with this tag alone; -T: those without it. Repeatable: all must hold.",
)
by_option = click.option(
    "--by",
    metavar="KIND|COLUMN",
    shell_complete=completing.slices,
    help="Metrics by class, length, unknown (share of unknown tokens), step, hour, series, or a column of the data.",
)
metric_option = click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="M",
    shell_complete=completing.metrics,
    help="auc, validation.auc, train.loss... Repeatable.",
)
against_option = click.option(
    "--against",
    metavar="RUN",
    shell_complete=completing.runs,
    help="Compare every row with this run's or experiment's, not with the best.",
)
smallest_option = click.option(
    "--smallest",
    type=click.FloatRange(min=0),
    metavar="D",
    help="The smallest difference that matters, in the metric's units. Default: one standard deviation of a run.",
)
all_option = click.option("--all", "all_runs", is_flag=True, help="One row a run: repeats are not averaged.")
data_dir_option = click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    callback=usable_folder,
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
    "--device",
    default="auto",
    show_default=True,
    metavar="auto|cpu|gpu|gpu:N",
    shell_complete=completing.devices,
    help="What to compute on.",
)


json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def print_json(value: Any) -> None:
    """Print a result to stdout as JSON, with nothing in it that a terminal would obey (see `atomic.plain`)."""
    text = json.dumps(atomic.plain(_as_mappings(value)), indent=2, ensure_ascii=False)
    click.echo(printable(text))


def write_output(path: Path, content: bytes) -> None:
    """Write a file that the command line names; UsageError if it cannot be written."""
    try:
        atomic.write_bytes(path, content)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None


def _as_mappings(value: Any) -> Any:
    """Return the value with each dataclass in lists and mappings as a mapping of its fields."""
    if isinstance(value, dict):
        return {key: _as_mappings(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_mappings(item) for item in value]
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


progress_option = click.option(
    "--progress",
    type=click.Choice(["auto", "rich", "plain", "none"]),
    default="auto",
    show_default=True,
    help="How progress is shown, on stderr: a live view on a terminal, a line an epoch elsewhere.",
)
runs_dir_option = click.option(
    "--runs-dir",
    type=click.Path(path_type=Path),
    callback=usable_folder,
    default=Path("runs"),
    show_default=True,
    help="Where runs are kept.",
)


def progress_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --progress and --json to a command that trains."""
    return progress_option(
        click.option("--json", "as_json", is_flag=True, help="Print events as JSON lines on stdout instead.")(command)
    )


def told_as_setting(error: click.NoSuchOption, arguments: Sequence[str]) -> click.UsageError:
    """Return the error of an unknown option, with the `--set` that was meant if a setting of the config is called so.

    `arguments` are those of the command line, from which the value is taken.
    """
    if error.ctx is None or set_name not in (parameter.name for parameter in error.ctx.command.params):
        return error
    if error.option_name in _DEVICES and any(parameter.name == "device" for parameter in error.ctx.command.params):
        told = f"no option {error.option_name}; did you mean --device {error.option_name[2:]}?"
        return click.UsageError(told, error.ctx)
    if "." in error.option_name:
        name, value = error.option_name[2:], _value_of(error.option_name, arguments)
        told = f"no option {error.option_name}; a setting of the config is changed by --set {name}={value}"
        return click.UsageError(told, error.ctx)
    from seqrun.config.elsewhere import settings_called
    from seqrun.config.plugins import installed_registries
    from seqrun.spelling import OTHER_NAMES

    name = error.option_name.lstrip("-").replace("-", "_")
    meant = settings_called(name, installed_registries()) if error.option_name.startswith("--") else []
    surely = any(place.path[-1] in (name, OTHER_NAMES.get(name)) for place in meant)
    if not meant or (error.possibilities and not surely):
        return error
    value = _value_of(error.option_name, arguments)
    settings = " or ".join(f"--set {place.dotted}={value}" for place in meant)
    return click.UsageError(
        f"no option {error.option_name}; a setting of the config is changed by {settings}", error.ctx
    )


def _value_of(option: str, arguments: Sequence[str]) -> str:
    """Return what was given to an option; VALUE if nothing was."""
    for number, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == option:
            following = "".join(arguments[number + 1 : number + 2])
            return value if equals else "VALUE" if following.startswith("--") or not following else following
    return "VALUE"


def as_option(parameter: Parameter) -> str:
    """Return a parameter of an InputError as the option that it is on the command line."""
    name = "-o" if parameter.name == "output" else f"--{parameter.name.replace('_', '-')}"
    return parameter.worded(name, str(parameter.given))
