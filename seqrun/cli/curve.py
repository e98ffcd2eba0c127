"""`seqrun curve`: a metric by how much there is to train on."""

from __future__ import annotations

import math
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seqrun.cli import completing
from seqrun.cli.options import print_json, set_option, write_output
from seqrun.cli.train import lost
from seqrun.cli.trials import STOPPED, Training, describe_trials, train_trials, trials_options
from seqrun.machine.streams import Unfailing, guarded
from seqrun.readable import printable

if TYPE_CHECKING:
    from seqrun.comparing.learning.curve import Curve


def _fractions(ctx: click.Context, parameter: click.Parameter, text: str) -> tuple[float, ...]:
    """Return the fractions from the smallest to the largest, each once."""
    try:
        found = sorted({float(each) for each in text.split(",")})
    except ValueError:
        raise click.BadParameter(f"{text!r} is no list of numbers such as .1,.3,1") from None
    for each in found:
        if not (math.isfinite(each) and 0 < each <= 1):
            raise click.BadParameter(f"{each:g} is no fraction of the training split: more than 0, and at most 1")
    return tuple(found)


def _picture(ctx: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    from seqrun.comparing.plot import FORMATS

    if path is not None and path.suffix not in FORMATS:
        raise click.BadParameter(f"the file's name must end in {', '.join(FORMATS)}, not {path.suffix!r}")
    return path


@click.command(
    epilog="""\b
Examples:
  seqrun curve configs/imdb_lstm.yaml --fractions .1,.3,1 --repeats 3
  seqrun curve my.yaml --fractions .05,.1,.2,.5,1 --metric accuracy -o curve.png"""
)
@click.argument("config", metavar="CONFIG", type=click.Path(path_type=Path), shell_complete=completing.configs)
@click.option(
    "--fractions",
    default=".1,.3,1",
    show_default=True,
    metavar="F,F,...",
    callback=_fractions,
    help="Of the training split, each more than 0 and at most 1.",
)
@click.option("--repeats", type=click.IntRange(min=1), default=3, show_default=True, help="Seeds of each fraction.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="The first seed, instead of the config's.")
@set_option
@trials_options
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_picture,
    help="Draw the curve into this file too (.png, .svg, .pdf).",
)
def command(
    config: Path,
    fractions: tuple[float, ...],
    repeats: int,
    seed: int | None,
    overrides: tuple[str, ...],
    metric: str | None,
    training: Training,
    dry_run: bool,
    as_json: bool,
    output: Path | None,
) -> None:
    """Train a config on fractions of its training split, and show its metric by the number of training samples.

    Validation and test stay as they are. The smaller fraction is part of the larger: a draw by dataset.split_seed, of
    series the latest rows. Every trial is a run like others, with dataset.train_fraction in its config; runs that are
    in --runs-dir already are not trained again, and after an interruption the same command goes on. A power law, error
    = a * samples^-b + c, is fitted where there are runs enough. Exit codes: as those of train.
    """
    from seqrun.api.curve import curve_notes, curve_runs, curve_trials
    from seqrun.comparing.learning.curve import learning_curve

    trials = curve_trials(
        config, overrides, fractions, seed=seed, repeats=repeats, runs_dir=training.runs_dir, metric=metric
    )
    every = [*chain.from_iterable(trials.values())]
    if dry_run:
        describe_trials([{"fraction": each.experiment.dataset.train_fraction} for each in every], every, as_json)
        return
    with guarded("stdout", Unfailing) as out:
        code = train_trials(every, training)
        finished = {} if code >= STOPPED else curve_runs(trials, training.runs_dir)
        if finished or not code:
            _tell(learning_curve(finished, metric, curve_notes(trials)), as_json, output)
    sys.exit(code or lost(out))


def _tell(curve: Curve, as_json: bool, output: Path | None) -> None:
    """Print the curve, and draw it if that was asked for."""
    from seqrun.comparing.learning.page import remarks, sections
    from seqrun.comparing.learning.plot import picture
    from seqrun.console import print_fitting

    if as_json:
        print_json(curve.record())
    else:
        for number, section in enumerate(sections(curve)):
            if number:
                click.echo()
            print_fitting(section.headers, section.rows, numeric=section.numeric)
    for remark in remarks(curve):
        click.echo(printable(f"note: {remark}"), err=True)
    if output is not None:
        write_output(output, picture(curve, output.suffix))
