"""A run's Spec as files, so that its network can be rebuilt when the data are no longer there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from math import prod

from seqrun.components.from_json import check_range, instance, read_object
from seqrun.components.splits import Spec, Values
from seqrun.components.targets import KINDS, Target
from seqrun.components.vocabulary import VOCABULARY_FILE, Vocabulary
from seqrun.errors import UsageError
from seqrun.rundir import shapes

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
        fields = read_object(artifacts[SPEC_FILE])
        _KEPT(fields)
        target, named, values = dict(fields["target"]), fields["vocabulary"], fields.get("values")
        spec = Spec(
            input_shape=tuple(fields["input_shape"]),
            target=instance(_kind(target.pop("kind")), target),
            vocabulary=None if named is None else Vocabulary.from_json(artifacts[named]),
            target_features=tuple(fields["target_features"]),
            values=None if values is None else instance(Values, values),
        )
        _check(spec)
    except KeyError as error:
        raise UsageError(f"{SPEC_FILE} does not say what the network reads: there is no {error}") from error
    except ValueError as error:
        raise UsageError(f"{SPEC_FILE} does not say what the network reads: {error}") from error
    return spec


def _kind(name: str) -> type[Target]:
    if name not in KINDS:
        raise ValueError(f"target.kind must be one of {', '.join(KINDS)}, not {name[:40]!r}")
    return KINDS[name]


_KEPT = shapes.fields(
    {
        "input_shape": shapes.listing(shapes.count),
        "target": shapes.fields({"kind": shapes.text}),
        "vocabulary": shapes.optional(shapes.text),
        "target_features": shapes.listing(shapes.count),
    }
)


def _check(spec: Spec) -> None:
    """Raise ValueError where parts of a spec, each of the right type, do not belong together."""
    if not spec.input_shape or (spec.vocabulary is not None and len(spec.input_shape) > 1):
        raise ValueError(f"input_shape: {list(spec.input_shape)} is no shape of such samples")
    for size in spec.input_shape:
        check_range("input_shape", size)
    check_range("input_shape", prod(spec.input_shape))
    features = spec.input_shape[-1]
    if spec.target_features and max(spec.target_features) >= features:
        raise ValueError(f"target_features: {list(spec.target_features)} are not all below {features}")
    if spec.values is not None and {len(spec.values.offset), len(spec.values.scale)} != {len(spec.values.features)}:
        raise ValueError("values: not one offset and one scale for each feature")
    spec.target.check()
