"""What came of training a run again: the same, something within the noise of its seeds, or something else."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from seqrun.comparing.first_difference import Parting, parting
from seqrun.comparing.noise import FEWEST, Expected, expected, readable, stored_repeats
from seqrun.comparing.surroundings import Surrounding, differing, surroundings_of
from seqrun.comparing.values import values
from seqrun.readable import counted
from seqrun.rundir.names import runs_in
from seqrun.rundir.reading import RunRecord

Word = Literal["identical", "within noise", "differs"]


@dataclass(frozen=True)
class Reproduction:
    """A run and one that trained it again."""

    original: RunRecord
    again: RunRecord
    parting: Parting
    repeats: int  # runs of the config that are known, the original among them
    noise: tuple[Expected, ...]  # of the usual metrics; none of too few repeats
    surroundings: tuple[Surrounding, ...]  # what differs between the two

    @property
    def word(self) -> Word:
        """What came out."""
        if self.parting.identical:
            return "identical"
        found = values(self.again)
        within = bool(self.noise) and all(each.holds(found.get(each.metric)) for each in self.noise)
        return "within noise" if within else "differs"

    @property
    def sentence(self) -> str:
        """What came out, in one sentence."""
        if self.word == "identical":
            return "identical: weights, predictions, metrics and history (but for times) are the same, bit for bit"
        first = f"first {next(iter(self.parting.lines().values()))}"
        if self.word == "within noise":
            return f"within noise: as far from the original as {counted(self.repeats, 'repeat')} are apart; {first}"
        return f"differs: {first}"

    def note(self) -> str | None:
        """Return what would tell whether a difference is more than noise, where that is not known."""
        if self.word != "differs" or self.noise:
            return None
        seed = self.original.record.get("seed", 0) + 1
        return (
            f"whether that is more than noise could be told with {FEWEST} runs of the config, and there "
            f"{'is' if self.repeats == 1 else 'are'} {self.repeats}: seqrun train {self.original.path}/config.yaml "
            f"--seed {seed} --repeats {max(FEWEST - self.repeats, 2)}"
        )

    def record(self) -> dict[str, Any]:
        """Return all of it in JSON's own types."""
        was, now = values(self.original), values(self.again)
        noise = [
            {**asdict(each), "original": was.get(each.metric), "again": now.get(each.metric)} for each in self.noise
        ]
        return {
            "verdict": self.word,
            "sentence": self.sentence,
            "original": self.original.path,
            "run": self.again.path,
            "differences": self.parting.record(),
            "repeats": self.repeats,
            "noise": noise,
            "environment": [asdict(each) for each in self.surroundings],
        }


def reproduction(original: RunRecord, again: RunRecord) -> Reproduction:
    """Return what came of training the original again; repeats are looked for beside both."""
    found = parting(original, again)
    repeats = [original]
    if not found.identical:
        folders = dict.fromkeys(run.path.resolve().parent for run in (original, again))
        repeats = stored_repeats(original, readable(path for folder in folders for path in runs_in(folder)))
    apart = tuple(differing(surroundings_of(original), surroundings_of(again)))
    return Reproduction(original, again, found, len(repeats), tuple(expected(repeats)), apart)
