"""The names of time zones."""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from seqrun.spelling import suggest

_OFFSET = re.compile(r"(?:UTC)?([+-])(\d\d):?(\d\d)")  # pyarrow writes +02:00, Python UTC+02:00


@cache
def zone_names() -> tuple[str, ...]:
    """Return all IANA names of zones, in order."""
    return tuple(sorted(available_timezones()))


@cache
def zone(name: str) -> tzinfo:
    """Return the zone of an IANA name, such as Europe/Berlin, or of an offset, such as +02:00.

    Raises ValueError, in words, for what is neither.
    """
    if found := _OFFSET.fullmatch(name):
        minutes = 60 * int(found[2]) + int(found[3])
        if minutes < 24 * 60:
            return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
    elif name in zone_names():
        return ZoneInfo(name)
    raise ValueError(
        f"no time zone is called {name!r}{suggest(name, zone_names())}; "
        "an IANA name such as Europe/Berlin or an offset such as +02:00 is one"
    )
