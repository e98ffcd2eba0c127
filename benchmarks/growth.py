"""Where a device begins to pay: the LSTM of imdb_lstm as its batch, its length or its width grows."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.cases import CASES, Case

SIZES = {  # device -> what grows -> its sizes
    "cpu": {"batch": (16, 32, 64, 128, 256, 512), "length": (32, 64, 128, 256, 512)},
    "gpu": {"batch": (32, 64, 128, 256, 512, 1024, 2048, 4096), "units": (32, 64, 128, 256, 512, 1024)},
}
SIDES = {"cpu": ("fit", "pytorch", "seqrun"), "gpu": ("fit", "pytorch fused", "seqrun")}
SAMPLES = 16_000  # of an epoch at most: the training reviews
TOKENS = {"cpu": 4_000 * 128, "gpu": SAMPLES * 128}  # a turn's, however they are cut into batches
STEPS = {"cpu": 250, "gpu": 60}  # a turn's at most


def grown(device: str = "cpu", part: int = 1, **sizes: int) -> Case:
    """Return the LSTM's case at another batch, length or units; `part` > 1: a fraction of the tokens."""
    batch, length, units = (sizes.get(what, usual) for what, usual in (("batch", 100), ("length", 128), ("units", 32)))
    settings = (f"trainer.batch_size={batch}", f"dataset.max_len={length}", f"architecture.units={units}")
    samples = min(TOKENS[device] // part // length, SAMPLES)
    steps = max(3, min(samples // batch, STEPS[device]))
    return replace(CASES["lstm"], steps=steps, settings=settings, precise=False)
