"""The Workshop that the runs of a command, or of a call, share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqrun.console import ProgressKind
    from seqrun.machine.signals import StopSignals
    from seqrun.running.workshop import Workshop


@contextmanager
def open_workshop(
    signals: StopSignals,
    device: str,
    threads: int | None,
    runs_dir: Path,
    data_dir: Path | None,
    argv: Sequence[str],
    *,
    cached: bool,
    progress: ProgressKind,
    deterministic: bool = False,
) -> Iterator[Workshop]:
    """Yield the Workshop. The device is selected first, because nothing may be computed before that."""
    from seqrun.console import progress as progress_view
    from seqrun.datasets.files.prepared import prepared_folder
    from seqrun.events.events import Message
    from seqrun.machine.device import select_device
    from seqrun.running.workshop import Workshop

    with signals.nothing_to_keep() if signals.may_leave else nullcontext():
        where = select_device(device, threads, deterministic=deterministic)
    cache = prepared_folder() if cached else None
    with progress_view(progress) as emit:
        signals.say = lambda text: emit(Message(text))
        yield Workshop(runs_dir, data_dir, where, [*argv], [emit], signals, cache)
