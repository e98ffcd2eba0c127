"""The `seqrun` command: a table of subcommands, one file of this folder each, imported when it is called."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from seqrun import __version__
from seqrun.cli.arguments import ARGUMENTS, COMPLETE
from seqrun.errors import InputError, InterruptedRun, SeqrunError, UsageError
from seqrun.machine.signals import StopSignals
from seqrun.machine.streams import OutputError, Telling, Unfailing, guarded, open_closed
from seqrun.machine.withheld import masked

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# Name -> what the list of commands says. The command itself is `command` in seqrun/cli/<name>.py. (As soon as one is
# imported, its name here is that module: `list` is no longer the builtin in this file.)
COMMANDS = {
    "train": "Train what configs describe, one run directory each.",
    "resume": "Go on with a run that was interrupted, or for more epochs.",
    "compare": "One row a config: what differs, and what came out.",
    "show": "One run in full.",
    "diff": "In what two runs differ, and where first.",
    "curve": "A metric by how much there is to train on.",
    "explain": "Which of the settings that differ between two runs matter.",
    "reproduce": "Train a run again, and say what came out the same.",
    "check": "Whether a run is no worse than a baseline: a gate for CI.",
    "report": "Runs as one page, or as Markdown.",
    "tag": "Give runs tags, or take them away.",
    "delete": "Move runs to the trash, back from there, or remove them for ever.",
    "predict": "Predict with a finished run: labels, numbers, forecasts, codes.",
    "evaluate": "Measure a finished run again, also on new labelled samples.",
    "export": "Write a run's network for Keras, TensorFlow, ONNX or LiteRT.",
    "serve": "Answer over HTTP what predict answers, with a page to try it on.",
    "validate": "Report all problems of configs, and run nothing.",
    "list": "The datasets, architectures and trainers, with their settings.",
    "schema": "Print the JSON Schema of the config file, for editors.",
    "init": "Write a commented config to start from.",
    "data": "Fetch and prepare a dataset ahead of time.",
    "completion": "Print the script by which a shell completes command lines.",
    "doctor": "Check device, versions, data sources and run directory.",
}
LONGEST = 2000  # characters of an unexpected error that are shown


class Commands(click.Group):
    """A group that imports a command when it is called and reports every failure in words, with its exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return import_module(f"seqrun.cli.{cmd_name}").command if cmd_name in COMMANDS else None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        if any(not word.startswith("-") for word in ctx.meta.get(ARGUMENTS, ())):  # of a command that there is not
            return []
        found = [CompletionItem(name, help=told) for name, told in COMMANDS.items() if name.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]  # no command is imported for it

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            from seqrun.spelling import suggest

            near = suggest(name, COMMANDS)
            if name.endswith((".yaml", ".yml")):
                near = f" (did you mean seqrun train {name}?)"
            elif any(f"--{name}" in option.opts for option in self.get_params(ctx)):
                near = f" (did you mean seqrun --{name}?)"
            ctx.fail(f"there is no command {name!r}{near}; there are {', '.join(COMMANDS)}")
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if any("\0" in arg for arg in args):
            ctx.fail("an argument holds the character NUL, which no path and no name can")
        # --debug counts wherever it stands, so that it can be added at the end of a line that has just failed.
        end = args.index("--") if "--" in args else len(args)
        if "--debug" in args[:end]:
            args = ["--debug", *(arg for arg in args[:end] if arg != "--debug"), *args[end:]]
        ctx.meta[ARGUMENTS] = tuple(args)
        return super().parse_args(ctx, args)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        open_closed()
        if COMPLETE in os.environ:
            from seqrun.cli.shells import register

            register()
        with guarded("stderr", Unfailing), guarded("stdout", Telling):
            try:
                return super().main(*args, **kwargs)
            except OutputError as error:  # of a help text, which is written before there is a command
                sys.exit(_report(error, debug=False))

    def invoke(self, ctx: click.Context) -> Any:
        with StopSignals().installed() as ctx.obj:
            try:
                result = super().invoke(ctx)
                sys.stdout.flush()
            except click.NoSuchOption as error:
                from seqrun.cli.options import told_as_setting

                raise told_as_setting(error, ctx.meta[ARGUMENTS]) from None
            except (click.ClickException, click.exceptions.Exit, click.Abort):
                raise
            except BrokenPipeError:  # the reader of stdout has gone, as in `seqrun list | head -1`
                ctx.exit(1)
            except KeyboardInterrupt:
                click.echo("interrupted", err=True)
                ctx.exit(130)
            except BaseException as error:
                ctx.exit(_report(ctx.obj.cause_of(error), debug=ctx.params["debug"]))
        return result


def _report(error: BaseException, *, debug: bool) -> int:
    """Print an error on stderr and return the exit code; raise it again if it is none (SystemExit)."""
    if isinstance(error, InterruptedRun):
        click.echo(str(error), err=True)
        return error.exit_code
    if not isinstance(error, Exception):
        raise error
    if debug:
        import traceback

        click.echo(masked("".join(traceback.format_exception(error))), err=True, nl=False)
    if isinstance(error, SeqrunError):
        from seqrun.cli.options import as_option
        from seqrun.console import show_error

        show_error(UsageError(error.worded(as_option)) if isinstance(error, InputError) else error)
        return error.exit_code
    if not debug:
        from seqrun.readable import printable, shortened

        words = shortened(printable(masked(" ".join(str(error).split()))), LONGEST)
        click.echo(f"error: {type(error).__name__}: {words} (--debug shows where)", err=True)
    return 1


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Example: seqrun train configs/imdb_lstm.yaml",
)
@click.version_option(__version__, prog_name="seqrun", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def main(debug: bool) -> None:
    """One YAML file to one trained, measured, reproducible run of a sequence model."""
