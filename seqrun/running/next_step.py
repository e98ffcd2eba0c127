"""How a run that ended before its time is gone on with, as a command and as a call."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class NextStep:
    """Resumes the run or, if there are changes, trains its config anew with these."""

    run: str  # the path of its directory
    changes: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, run: str, status: str, record: Mapping[str, Any]) -> NextStep:
        """Return what helps a run of this status and record: smaller steps if it diverged, else that it goes on."""
        if status != "diverged":
            return cls(run)
        rate = record["config"]["trainer"].get("optimizer", {}).get("learning_rate")
        if isinstance(rate, float):
            return cls(run, {"trainer.optimizer.learning_rate": float(f"{rate / 10:g}")})
        return cls(run, {"trainer.optimizer.global_clipnorm": 1.0})

    def command(self) -> str:
        """Return it as a user types it."""
        if not self.changes:
            return f"seqrun resume {shlex.quote(self.run)}"
        settings = " ".join(f"--set {key}={_number(value)}" for key, value in self.changes.items())
        return f"seqrun train {shlex.quote(f'{self.run}/config.yaml')} {settings}"

    def call(self) -> str:
        """Return it as Python code."""
        if not self.changes:
            return f"seqrun.load({self.run!r}).resume()"
        return f"seqrun.train({f'{self.run}/config.yaml'!r}, set={dict(self.changes)!r})"


def _number(value: float) -> str:
    return "1.0" if value == 1 else f"{value:g}"
