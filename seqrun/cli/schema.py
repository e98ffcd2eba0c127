"""`seqrun schema`: the config file's JSON Schema."""

from __future__ import annotations

from pathlib import Path

import click

from seqrun.errors import UsageError


@click.command(epilog="Example: seqrun schema -o seqrun.schema.json")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write it to this file.")
def command(output: Path | None) -> None:
    """Print the JSON Schema of the config file, by which editors complete and check it.

    VS Code with the YAML extension uses it for a config whose first line is
    "# yaml-language-server: $schema=seqrun.schema.json"; others have a like setting.
    """
    import json

    from seqrun.config.plugins import installed_registries
    from seqrun.config.schema import experiment_schema

    text = json.dumps(experiment_schema(installed_registries()), indent=2, ensure_ascii=False)
    if output is None:
        click.echo(text)
        return
    try:
        output.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}") from None
    click.echo(output)
