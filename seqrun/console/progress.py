"""How the progress of a command's runs is shown."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, get_args

from seqrun.errors import InputError, Parameter

if TYPE_CHECKING:
    from rich.console import Console

    from seqrun.events.events import Emit

ProgressKind = Literal["auto", "rich", "plain", "none", "json", "notebook"]


@contextlib.contextmanager
def progress(kind: ProgressKind = "auto", *, console: Console | None = None) -> Iterator[Emit]:
    """Show the events of a command's runs: live or as plain lines on stderr, or as JSON lines on stdout.

    `auto` is the live view on a terminal, one below the cell in a notebook, and plain lines elsewhere; `none` shows
    only warnings. With `json`, everything else printed to stdout goes to stderr. Where the stream cannot be written,
    events are lost and no run is. `console` replaces the live view's terminal. Raises InputError for another kind.
    """
    from seqrun.events.lines import json_emit, plain_emit, quiet_emit  # here: a table needs no events
    from seqrun.machine.streams import Unfailing, guarded

    if kind not in get_args(ProgressKind):
        raise InputError(Parameter("progress", kind), f": there are {', '.join(get_args(ProgressKind))}")
    if kind == "auto" and in_notebook():
        kind = "notebook"
    elif kind == "auto":
        kind = "rich" if sys.stderr.isatty() and os.environ.get("TERM") not in ("dumb", "unknown") else "plain"
    with guarded("stdout" if kind == "json" else "stderr", Unfailing) as stream, contextlib.ExitStack() as stack:
        if kind == "rich":
            from seqrun.console.live import LiveView

            yield stack.enter_context(LiveView(console))
        elif kind == "notebook":
            from seqrun.console.notebook import NotebookView

            yield stack.enter_context(NotebookView())
        elif kind == "json":
            stack.enter_context(contextlib.redirect_stdout(sys.stderr))
            yield json_emit(stream)
        else:
            yield {"plain": plain_emit, "none": quiet_emit}[kind](stream)


def in_notebook() -> bool:
    """Return whether this process runs the cells of a notebook: it is the kernel of Jupyter, or what looks like one."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return getattr(shell, "kernel", None) is not None
