"""A run's dataset with other settings of how its files are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from seqrun.components.base import Dataset
from seqrun.config.messages import all_mistakes
from seqrun.errors import InputError, Parameter


def changed(dataset: Dataset, settings: Mapping[str, Any]) -> Dataset:
    """Return the dataset with other settings; InputError for one that it does not know, or a value that it refuses."""
    model = type(dataset)
    for name, value in settings.items():
        if name not in model.model_fields:
            raise InputError(Parameter(name, value), f": dataset {dataset.name} has no such setting")
    data = {**dataset.model_dump(mode="json"), **settings}
    try:
        return model.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        mistake = all_mistakes(error, model, data)[0]
        name = str(mistake.path[0])
        raise InputError(Parameter(name, settings.get(name)), f": {mistake.message}") from None
