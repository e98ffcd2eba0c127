"""`seqrun init`: a commented config to start from."""

from __future__ import annotations

from pathlib import Path

import click

from seqrun.cli import completing
from seqrun.cli.options import json_option, print_json
from seqrun.errors import UsageError


@click.command(
    epilog="""\b
Examples:
  seqrun init
  seqrun init text -o reviews.yaml
  seqrun init imdb_lstm"""
)
@click.argument("template", required=False, shell_complete=completing.templates)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file; TEMPLATE.yaml by default."
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@json_option
def command(template: str | None, output: Path | None, force: bool, as_json: bool) -> None:
    """Write a commented config to start from; without TEMPLATE, list those there are."""
    from seqrun.config.shipped import purpose, standalone
    from seqrun.config.templates import templates
    from seqrun.console import print_table
    from seqrun.spelling import suggest

    available = templates()
    if template is None:
        purposes = {name: purpose(path) for name, path in available.items()}
        if as_json:
            print_json([{"template": name, "what it is": text} for name, text in purposes.items()])
            return
        print_table(["template", "what it is"], [*purposes.items()])
        click.echo("\nseqrun init TEMPLATE writes one to TEMPLATE.yaml.", err=True)
        return
    if template not in available:
        raise UsageError(f"unknown template {template!r}{suggest(template, available)}; `seqrun init` lists them")
    output = output or Path(f"{template}.yaml")
    _write(output, standalone(available[template], str(output)), force)
    if as_json:
        print_json({"written": output})
    else:
        click.echo(output)
    click.echo(f"Next: edit it, then seqrun validate {output}, then seqrun train {output}", err=True)


def _write(output: Path, text: str, force: bool) -> None:
    """Write the file; raise UsageError if it exists, unless `force`."""
    try:
        with output.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{output} exists; --force replaces it, -o names another file") from None
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}") from None
