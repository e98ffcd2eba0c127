"""The settings by which a prediction's input may be written otherwise than the run's own data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, Field, ValidationError

from seqrun.config.messages import all_mistakes
from seqrun.datasets.shared.fields import Duplicates, Gaps, Missing
from seqrun.datasets.shared.layout import WrittenAsRows
from seqrun.errors import InputError, Parameter


class Written(WrittenAsRows):
    """Settings of the datasets, of the same names and meaning."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    time_format: str | None = Field(None, min_length=1)
    time_zone: str | None = Field(None, min_length=1)
    missing: Missing = "error"
    gaps: Gaps = "break"
    duplicates: Duplicates = "error"


def checked(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings as datasets have them; InputError for a value that one cannot have."""
    try:
        found = Written.model_validate_json(json.dumps(settings), strict=True)
    except ValidationError as error:
        mistake = all_mistakes(error, Written, settings)[0]
        name = str(mistake.path[0])
        raise InputError(Parameter(name, settings[name]), f": {mistake.message}") from None
    return {name: getattr(found, name) for name in settings}
