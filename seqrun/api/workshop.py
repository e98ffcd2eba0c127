"""The Workshop that the runs of a command, or of a call, share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqrun.console import ProgressKind
    from seqrun.events.events import Emit
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
    from seqrun.datasets.files.prepared import prepared_folder, programs_folder
    from seqrun.events.events import Message
    from seqrun.machine.device import select_device
    from seqrun.running.workshop import Workshop

    with signals.nothing_to_keep() if signals.may_leave else nullcontext():
        where = select_device(device, threads, deterministic=deterministic)
    cache = prepared_folder() if cached else None
    with progress_view(progress) as emit:
        signals.say = lambda text: emit(Message(text))
        if cached:
            _programs_taken(programs_folder(), emit)
        yield Workshop(runs_dir, data_dir, where, [*argv], [emit], signals, cache)


def _programs_taken(folder: Path, emit: Emit) -> None:
    """Let what is compiled come from the folder; where it cannot be read, only warn."""
    from seqrun.events.events import Warned
    from seqrun.machine.device import threads_in_use
    from seqrun.machine.programs import take_programs

    try:
        take_programs(folder, threads_in_use())
    except OSError as error:
        emit(Warned(f"compiled programs cannot be read from {folder}: {error.strerror or error}"))
