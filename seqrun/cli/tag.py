"""`seqrun tag`: labels of runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from seqrun.cli import completing
from seqrun.cli.options import json_option, print_json
from seqrun.errors import UsageError
from seqrun.readable import printable
from seqrun.rundir.reading import RunRecord
from seqrun.rundir.several import read_runs

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class TagCommand(click.Command):
    """A command in which -old is no option but a tag that is taken away."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        options = [arg for arg in args[:end] if arg.startswith("--") or arg == "-h"]
        others = [arg for arg in args[:end] if arg not in options]
        return super().parse_args(ctx, [*options, "--", *others, *args[end + 1 :]])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        if incomplete.startswith("--"):
            return super().shell_complete(ctx, incomplete)
        return completing.items(ctx, "recorded:runs_or_tags", incomplete)


@click.command(
    cls=TagCommand,
    epilog="""\b
Examples:
  seqrun tag runs/20261122-041530_imdb_lstm +good +paper
  seqrun tag runs/*_imdb_* +imdb -draft
  seqrun compare runs/* --tag good""",
)
@click.argument(
    "given", metavar="RUN... [+TAG|-TAG]...", nargs=-1, required=True, shell_complete=completing.runs_or_tags
)
@json_option
def command(given: tuple[str, ...], as_json: bool) -> None:
    """Give runs tags (+good) or take them away (-draft), and print what they have then.

    The first tags of a run are those of its config (tags: [...]). Without a change, the tags are only printed. A run
    whose path begins with + or - is given as ./+run.
    """
    from seqrun.rundir.tags import change_tags, check_tag

    added, removed = (list(dict.fromkeys(each[1:] for each in given if each[0:1] == sign)) for sign in "+-")
    for name in added:
        check_tag(name)
    if both := [name for name in added if name in removed]:
        raise UsageError(f"+{both[0]} and -{both[0]} are given; what is meant?")
    paths = [each for each in given if each[0:1] not in ("+", "-")]
    if not paths:
        raise UsageError("no run is given whose tags are meant, as in seqrun tag runs/20261122-041530_imdb_lstm +good")
    runs = read_runs(paths, lambda reason: _note(f"skipped {reason}"), purpose="tag")
    _note_unknown(runs, removed)
    tags = [change_tags(run, added, removed) if added or removed else run.tags for run in runs]
    if as_json:
        print_json([{"path": run.path, "tags": own} for run, own in zip(runs, tags, strict=True)])
        return
    from seqrun.console import print_table

    print_table(["run", "tags"], [(run.path.name, ", ".join(own)) for run, own in zip(runs, tags, strict=True)])


def _note_unknown(runs: Iterable[RunRecord], removed: Iterable[str]) -> None:
    """Tell of tags that are to be taken away and that no run has: they may be misspelt."""
    from seqrun.spelling import suggest

    there = list(dict.fromkeys(tag for run in runs for tag in run.tags))
    for name in removed:
        if name not in there:
            _note(f"no run has the tag {name!r}{suggest(name, there)}")


def _note(text: str) -> None:
    click.echo(printable(f"note: {text}"), err=True)
