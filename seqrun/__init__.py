"""seqrun: one YAML file to one trained, measured, reproducible run of a sequence model.

    import seqrun

    run = seqrun.train("configs/imdb_lstm.yaml", set={"trainer.epochs": 3}, seed=1)
    run.predict(["A film to remember."])

What it offers is loaded when it is asked for; TensorFlow, when something is trained or predicted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Run", "__version__", "compare", "load", "train", "validate"]

_PLACES = {  # name -> the module that has it
    "Run": "seqrun.api.run",
    "compare": "seqrun.api.comparing",
    "load": "seqrun.api.run",
    "train": "seqrun.api.training",
    "validate": "seqrun.api.training",
}

if TYPE_CHECKING:
    from seqrun.api.comparing import compare
    from seqrun.api.run import Run, load
    from seqrun.api.training import train, validate


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_PLACES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
