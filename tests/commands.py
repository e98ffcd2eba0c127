"""Commands as a user types them, and what they leave, for the tests of several folders."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
from click.testing import CliRunner, Result

from seqrun.cli import main

SMOKE = Path(__file__).parents[1] / "configs" / "smoke"
# `python -c` of this is `python -m seqrun`, spared the drawing of plots as by the fixture `undrawn`.
UNDRAWN = (
    "from seqrun.training import drawing\ndrawing._png = lambda figure: b''\nfrom seqrun.__main__ import main\nmain()"
)


def run_command(*arguments: object, code: int = 0, stdin: str | bytes | None = None) -> Result:
    """Run `seqrun ARGUMENTS` in this process; fail if it ends with another exit code."""
    result = CliRunner().invoke(main, [*map(str, arguments)], input=stdin)
    assert result.exit_code == code, result.output
    return result


def train(config: Path, runs: Path, *settings: str) -> Path:
    """Return the run of a config with settings like trainer.epochs=1."""
    overrides = [part for setting in settings for part in ("--set", setting)]
    return Path(run_command("train", config, *overrides, "--runs-dir", runs, "--progress", "none").stdout.strip())


def train_sections(folder: Path, dataset: dict, architecture: dict, trainer: dict | str) -> Path:
    """Return the run of a config of these sections, which lies in the folder, as the run does.

    An epoch is one step, unless the trainer has a batch_size: a whole batch and a partial one are compiled apart.
    """
    if isinstance(trainer, dict):
        trainer = {"batch_size": 1000, **trainer}
    sections = {"dataset": dataset, "architecture": architecture, "trainer": trainer}
    (folder / "own.yaml").write_text(json.dumps(sections))
    return train(folder / "own.yaml", folder / "runs")


def moved(run: Path, folder: Path) -> Path:
    """Return a copy at another place of the run of a smoke config, as if its data had been deleted since."""
    copy = Path(shutil.copytree(run, folder / "moved"))
    for name in ("run.json", "config.yaml"):
        text = (copy / name).read_text("utf-8")
        assert str(SMOKE) in text
        (copy / name).write_text(text.replace(str(SMOKE), str(folder / "deleted")), "utf-8")
    return copy


def predict(run: Path, *arguments: object, code: int = 0, stdin: str | bytes | None = None) -> Result:
    """Run `seqrun predict RUN ARGUMENTS`; fail if it ends with another exit code."""
    return run_command("predict", run, *arguments, code=code, stdin=stdin)


def arrays_of(path: Path) -> dict[str, np.ndarray]:
    """Return what an npz file holds."""
    with np.load(path) as found:
        return dict(found)


def without_hashes(run: Path) -> Path:
    """Make the run one of an earlier version, which recorded no hashes of its files, so that these can be changed."""
    record = json.loads((run / "run.json").read_text())
    del record["files_sha256"]
    (run / "run.json").write_text(json.dumps(record))
    return run
