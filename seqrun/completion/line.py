"""A command line that is being typed, and what may be meant by its last word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Candidate(NamedTuple):
    """A word that may be meant; of kind `dir` or `file` the shell is to find it itself."""

    value: str
    help: str = ""
    kind: str = "plain"


@dataclass(frozen=True)
class Line:
    """What has been typed: the words after `seqrun`, and the beginning of one more."""

    words: tuple[str, ...]
    incomplete: str

    def values_of(self, option: str) -> list[str]:
        """Return what was given to an option, however often: `--set a=1 --set=b=2`."""
        following = zip(self.words, self.words[1:], strict=False)
        apart = [value for word, value in following if word == option]
        return apart + [word.partition("=")[2] for word in self.words if word.startswith(f"{option}=")]

    def configs(self) -> list[str]:
        """Return the words that are names of config files."""
        return [word for word in self.words if word.endswith((".yaml", ".yml")) and "=" not in word]

    def fitting(self, words: Iterable[str]) -> Iterator[Candidate]:
        """Yield the words that begin as the incomplete one."""
        return (Candidate(word) for word in words if word.startswith(self.incomplete))
