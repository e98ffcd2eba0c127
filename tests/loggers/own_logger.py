"""A logger of one's own: a plugin that writes what it is told as JSON lines."""

import json
from pathlib import Path

from seqrun.components import LoggedEnd, LoggedRun, Logger, RunLog


class JsonLines(Logger):
    """A line of JSON an epoch, and one at the end."""

    name: str = "json_lines"
    path: Path
    broken: bool = False

    def open(self, run: LoggedRun) -> RunLog:
        return Lines(self.path, run, self.broken)


class Lines(RunLog):
    def __init__(self, path: Path, run: LoggedRun, broken: bool) -> None:
        self.path, self.broken, self.where = path, broken, str(path)
        self.write(run=run.path.name, lookback=run.settings.get("dataset.lookback"), before=run.epochs)

    def write(self, **facts: object) -> None:
        with self.path.open("a") as file:
            print(json.dumps(facts), file=file)

    def epoch(self, row) -> None:
        if self.broken:
            raise ConnectionError("the server has gone\nfor good")
        self.write(epoch=row["epoch"], val_loss=row["val_loss"])

    def end(self, end: LoggedEnd) -> None:
        self.write(status=end.status, mae=end.metrics.get("mae"))
