"""The processor time that a statistical baseline may take, and the signals that end it earlier."""

from __future__ import annotations

import time

from seqrun.machine.signals import StopSignals
from seqrun.readable import counted
from seqrun.tasks.forecasting.statistical.fitted import Unfit

MOST_SECONDS = 600.0  # of processor time, for all series
FORESEEN = 60.0  # processor seconds after which it is foreseen whether the rest will take longer


class Allowance:
    """What one baseline may take for so many models, one of each series and target."""

    def __init__(self, models: int, signals: StopSignals):
        self.models, self.done = models, 0
        self._signals, self._begin = signals, time.process_time()

    def check(self) -> None:
        """Raise InterruptedRun if a signal has come, and Unfit if it takes longer than it may, or will do so."""
        self._signals.check()
        seconds = time.process_time() - self._begin
        foreseen = seconds / self.done * self.models if self.done and seconds > FORESEEN else seconds
        if max(seconds, foreseen) > MOST_SECONDS:
            raise OverTime(
                f"{self.done:,} of {counted(self.models, 'model')} took {seconds:,.0f} s, and all may take "
                f"{MOST_SECONDS:,.0f} s of processor time; take it out of trainer.baselines, or forecast fewer series"
            )


class OverTime(Unfit):
    """All models together take too long."""
