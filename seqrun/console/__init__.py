"""What the user sees on a terminal; the only package that knows rich.

A command's result goes to stdout, everything else to stderr. A user's text is never read as markup.
"""

from __future__ import annotations

from seqrun.console.problems import show_error, show_problems, show_warning
from seqrun.console.progress import ProgressKind, progress
from seqrun.console.table import print_fitting, print_row_by_row, print_table

__all__ = [
    "ProgressKind",
    "print_fitting",
    "print_row_by_row",
    "print_table",
    "progress",
    "show_error",
    "show_problems",
    "show_warning",
]
