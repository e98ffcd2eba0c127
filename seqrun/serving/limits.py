"""What a server takes on at most."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The bounds of what is accepted; past them a request is answered with 413, 408, 429 or 503."""

    body: int = 10_000_000  # bytes of a request
    seconds: float = 30.0  # that a request may take, from its first byte to its answer
    waiting: int = 256  # requests that are accepted and not yet answered
    batch: int = 64  # samples that go through the network at once
    window: float = 0.004  # seconds that a batch waits at most for requests which are being read
    threads: int = 32  # that read requests and write answers

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of batches, for each of which the network is compiled once; others are filled up to the next."""
        sizes = [1]
        while sizes[-1] * 8 < self.batch:
            sizes.append(sizes[-1] * 8)
        return (*sizes, self.batch) if self.batch > 1 else (1,)

    def size_for(self, samples: int) -> int:
        """Return the size of the batch for so many samples, no more than `batch`."""
        return next(size for size in self.sizes if size >= samples)
