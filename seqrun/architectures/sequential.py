"""A chain of Keras layers, written in the config."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator

from seqrun.architectures.layers.embedding import model_input
from seqrun.architectures.layers.fields import MOST_LAYERS, invalid
from seqrun.architectures.layers.output import answer
from seqrun.architectures.layers.padding import padded_texts, without_padding
from seqrun.architectures.layers.sequences import ends_early_problems, narrowed
from seqrun.architectures.layers.written import signatures
from seqrun.architectures.layers.written.chain import chain_mistakes, first_that_reads_padding, kind_of
from seqrun.architectures.layers.written.checking import Mistake, as_mapping, layer_mistakes, vocabulary_mistakes
from seqrun.architectures.layers.written.looking_ahead import first_that_moves, follow
from seqrun.architectures.layers.written.making import layer_names, make_layer
from seqrun.components.answers import Answers
from seqrun.components.base import Architecture
from seqrun.errors import ConfigError, Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec

_NAMES = {"enum": signatures.layer_names()}
LayerConfig = Annotated[
    Any,  # checked by `Sequential._known_to_keras`, which names the place of each mistake
    BeforeValidator(as_mapping),
    WithJsonSchema({"anyOf": [_NAMES, {"type": "object", "properties": {"name": _NAMES}, "required": ["name"]}]}),
]
_PROBABILITIES = {"sigmoid", "softmax"}
_ANY_LENGTH = 10**9  # more steps than any layer could use up
_DERIVED = ("input_dim",)  # arguments that seqrun fills in: an Embedding's input_dim is the vocabulary's size


class Sequential(Architecture):
    """Keras layers one after the other, as in keras.Sequential; seqrun adds the input and the output layer.

    Padding of numbers is masked, and padding of tagged tokens unless the Embedding says mask_zero: false. Keras warns
    of a layer that does not support masks, such as a convolution; that layer reads padding of numbers as zeros.
    """

    inputs: ClassVar = frozenset({"tokens", "values"})
    tasks: ClassVar = frozenset({"classification", "forecasting", "tagging"})

    name: Literal["sequential"] = Field("sequential", description="a list of Keras layers")
    layers: list[LayerConfig] = Field(
        min_length=1,
        max_length=MOST_LAYERS,
        description="Keras layers, each a name or {name: LSTM, units: 32}, without the output layer; "
        "an Embedding's input_dim is the vocabulary's size if left out",
    )

    @field_validator("layers")
    @classmethod
    def _known_to_keras(cls, layers: list[Any]) -> list[Any]:
        mistakes = [
            ((number, *place), text)
            for number, layer in enumerate(layers)
            for place, text in layer_mistakes(layer, derived=_DERIVED)
        ]
        if all(place[0] != len(layers) - 1 for place, _ in mistakes):
            mistakes.extend(_output_mistakes(layers))
        if mistakes:
            raise invalid(*mistakes)
        return layers

    def outline_problems(self, outline: Outline) -> Iterator[Problem]:
        mistakes = list(chain_mistakes(self.layers, outline.inputs, outline.answers))
        too_small = vocabulary_mistakes(self.layers, outline.vocabulary_size)
        for place, text in (*mistakes, *too_small):
            yield self._problem(*place, text=text)
        if not mistakes:
            yield from self._step_problems(outline)

    def padding_problems(self, experiment: Experiment) -> Iterator[Problem]:
        if mistake := first_that_reads_padding(self.layers, masked=not padded_texts(experiment)):
            place, text = mistake
            yield self._problem(*place, text=text)

    def _step_problems(self, outline: Outline) -> Iterator[Problem]:
        """Yield a problem for the first layer that looks ahead or moves the steps, else for an unseen last step."""
        mistake = None
        if outline.answers is Answers.FORECASTS:
            _, mistake = follow(self.layers, range(_ANY_LENGTH if outline.length is None else outline.length))
        elif outline.answers is Answers.TAGS:
            mistake = first_that_moves(self.layers)
        if mistake:
            place, text = mistake
            yield self._problem(*place, text=text)
        else:
            yield from ends_early_problems(self._standing, outline)

    def _standing(self, length: int) -> range:
        """Return which of so many input steps have a forecast."""
        steps, _ = follow(self.layers, range(length))
        return steps

    def refine(self, spec: Spec) -> Spec:
        return narrowed(spec, self._standing(spec.input_shape[0]))

    def build(self, spec: Spec) -> keras.Model:
        import keras

        sequence = model_input(spec)
        x = without_padding(sequence, spec, mask=True) if spec.vocabulary is None else sequence
        for number, (layer, name) in enumerate(zip(self.layers, layer_names(self.layers), strict=True)):
            x = self._apply(number, layer, name, x, spec)
        return keras.Model(sequence, answer(x, spec), name=self.name)

    def _apply(
        self, number: int, layer: Mapping[str, Any], name: str, x: keras.KerasTensor, spec: Spec
    ) -> keras.KerasTensor:
        """Return the layer's output on x; ConfigError, in Keras' words, if Keras refuses its arguments or its input."""
        if spec.vocabulary is not None and kind_of(layer) == "Embedding":
            layer = {"input_dim": spec.vocabulary.size, "mask_zero": spec.target.answers is Answers.TAGS, **layer}
        try:
            return make_layer(layer, name)(x)
        except (ValueError, TypeError) as error:
            reason = str(error).strip().splitlines()[0]
            raise ConfigError([self._problem(number, text=f"Keras refuses {layer['name']}: {reason}")]) from error

    @staticmethod
    def _problem(*place: int | str, text: str) -> Problem:
        return Problem(("architecture", "layers", *place), text)


def _output_mistakes(layers: list[Mapping[str, Any]]) -> Iterator[Mistake]:
    """Yield a mistake if the last layer makes probabilities, which the output layer that seqrun adds does."""
    last = layers[-1]
    name, activation = kind_of(last), last.get("activation")
    if name == "Softmax" or (name in ("Dense", "Activation") and activation in _PROBABILITIES):
        shown = name if name == "Softmax" else f"{activation} {name}"
        yield (len(layers) - 1,), f"leave the {shown} out: seqrun adds the output layer that the dataset's classes need"
