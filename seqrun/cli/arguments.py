"""Names by which the command line's parts find each other."""

from __future__ import annotations

ARGUMENTS = "seqrun.arguments"  # in a context's `meta`: the words after `seqrun`
COMPLETE = "_SEQRUN_COMPLETE"  # the variable in which a shell says that it asks what may follow; Click has this name
