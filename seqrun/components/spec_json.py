"""A run's Spec as files, so that its network can be rebuilt when the data are no longer there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from seqrun.components.splits import Spec, Values
from seqrun.components.targets import KINDS
from seqrun.components.vocabulary import VOCABULARY_FILE, Vocabulary
from seqrun.errors import UsageError

SPEC_FILE = "spec.json"


def spec_artifacts(spec: Spec) -> dict[str, bytes]:
    """Return file name -> content for RUN/artifacts/; the vocabulary, if there is one, is a file of its own."""
    fields = {
        "input_shape": spec.input_shape,
        "target": {"kind": spec.target.kind, **asdict(spec.target)},
        "vocabulary": None if spec.vocabulary is None else VOCABULARY_FILE,
        "target_features": spec.target_features,
        "values": None if spec.values is None else asdict(spec.values),
    }
    files = {SPEC_FILE: json.dumps(fields, indent=2, ensure_ascii=False).encode()}
    return files if spec.vocabulary is None else {**files, VOCABULARY_FILE: spec.vocabulary.to_json()}


def spec_from_artifacts(artifacts: Mapping[str, bytes]) -> Spec:
    """Return the spec that `spec_artifacts` wrote.

    Raises UsageError if the spec is damaged, DataError if the vocabulary is.
    """
    try:
        fields = json.loads(artifacts[SPEC_FILE])
        target = {name: _tupled(value) for name, value in fields["target"].items()}
        named, values = fields["vocabulary"], fields.get("values")
        return Spec(
            input_shape=_tupled(fields["input_shape"]),
            target=KINDS[target.pop("kind")](**target),
            vocabulary=None if named is None else Vocabulary.from_json(artifacts[named]),
            target_features=_tupled(fields["target_features"]),
            values=None if values is None else Values(**{name: _tupled(value) for name, value in values.items()}),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"{SPEC_FILE} does not say what the network reads: {error!r}") from error


def _tupled(value: Any) -> Any:  # what a file holds, which may be anything
    """Return the value with tuples, as a Spec has them, in place of JSON's lists."""
    return tuple(map(_tupled, value)) if isinstance(value, list) else value
