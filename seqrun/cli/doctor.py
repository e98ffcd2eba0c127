"""`seqrun doctor`: is this machine ready to train?"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from seqrun.cli import completing
from seqrun.cli.options import data_dir_option, json_option, print_json

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command(
    epilog="""\b
Examples:
  seqrun doctor
  seqrun doctor --data-dir ~/data --runs-dir /scratch/runs
  seqrun doctor configs/imdb_lstm.yaml"""
)
@click.argument(
    "configs", metavar="[CONFIG]...", nargs=-1, type=click.Path(path_type=Path), shell_complete=completing.configs
)
@data_dir_option
@click.option(
    "--runs-dir", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Where runs are kept."
)
@json_option
def command(configs: tuple[Path, ...], data_dir: Path | None, runs_dir: Path, as_json: bool) -> None:
    """Check the device, the versions, the data sources and the runs directory; of each CONFIG, whether a GPU pays.

    A line each: ok, warn, or fail. Downloads nothing, but asks whether the servers that publish data can be reached.
    Exit code 1: something would make a training fail, or no published dataset can be had.
    """
    from seqrun.api.training import load_all
    from seqrun.running.doctor import examine

    findings = []
    for finding in examine(data_dir, runs_dir, load_all(configs, ())):
        findings.append(finding)
        if not as_json:
            verdict = click.style(f"{finding.verdict:<4}", fg=COLOURS[finding.verdict])
            click.echo(f"{verdict}  {finding.subject:<18}  {finding.text}")
    if as_json:
        print_json(findings)
    sys.exit(int(any(finding.verdict == "fail" for finding in findings)))
