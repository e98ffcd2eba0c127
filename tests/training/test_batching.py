"""Batches of samples of similar length: the same network and the same mathematics, on less padding."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from progress_in_memory import Kept

from seqrun.components.padding import NO_TAG, PADDING
from seqrun.components.session import Session
from seqrun.components.splits import Spec, Split, Splits, Values
from seqrun.components.targets import ClassTarget, TagTarget
from seqrun.components.vocabulary import Vocabulary
from seqrun.errors import InterruptedRun
from seqrun.events.events import Batch, Message, Warned
from seqrun.machine.signals import StopSignals
from seqrun.registry import REGISTRIES
from seqrun.tasks.classification.fit import encode, loss_of, measure
from seqrun.tasks.classification.trainer import Classifier
from seqrun.tasks.tagging.fit import tag_loss, weighted
from seqrun.tasks.tagging.metrics import keep_guesses
from seqrun.training.gathering import read_any_length
from seqrun.training.loop import Loop
from seqrun.training.optimizers import build_optimizer
from seqrun.training.program import Program
from seqrun.training.samples import Samples
from seqrun.training.widths import Buckets

WORDS, TIME, NARROW = 20, 10, 8
TEXT, TAGS = ClassTarget(("a", "b")), TagTarget(("x", "y", "z"))
STACK = {"filters": [4, 3], "kernel_size": 3, "pool_size": [2, 1], "strides": [1, 2]}
KEPT = {"filters": [4, 3], "kernel_size": 3, "pool_size": 1, "padding": "same"}
MASKED = {"name": "Embedding", "output_dim": 4, "mask_zero": True}
BOTH_WAYS = {"name": "Bidirectional", "layer": {"name": "GRU", "units": 4, "return_sequences": True}}
NORMS = ["BatchNormalization", {"name": "Dense", "units": 5}, "LayerNormalization"]
TEXTS = [
    ("lstm", {"mask": True, "units": [4, 3], "batch_norm": True}),
    ("gru", {"mask": True, "units": 4, "bidirectional": True}),
    ("bag_of_words", {"dense": [4]}),
    ("transformer", {"width": 4, "feed_forward": 4, "pooling": "last", "dropout": 0.0}),
    ("sequential", {"layers": [MASKED, BOTH_WAYS, *NORMS, "GlobalAveragePooling1D"]}),
]
NUMBERS = [
    ("simple_rnn", {"units": 4}),
    ("ln_rnn", {"units": 4}),
    ("conv1d", {**STACK, "head": "last"}),
    ("conv1d", {**STACK, "padding": "causal", "head": "global_average"}),
    ("conv_rnn", {**STACK, "units": 4}),
    ("wavenet", {"filters": 4, "dilations": [1, 2], "blocks": 1}),
]
TAGGED = [
    ("lstm", {"units": 4, "bidirectional": True, "batch_norm": True}),
    ("conv1d", {**KEPT, "dense": [4]}),
    ("transformer", {"width": 4, "feed_forward": 4, "dropout": 0.0}),
    ("sequential", {"layers": [{"name": "Embedding", "output_dim": 4}, BOTH_WAYS, *NORMS]}),
]


def cases(*groups):
    """A network with its spec and the side of the padding, of each group."""
    specs = {
        "text": Spec((TIME,), TEXT, Vocabulary(WORDS, None)),
        "numbers": Spec((TIME, 2), TEXT, values=Values(("u", "v"), (0.0,) * 2, (1.0,) * 2, padded=True)),
        "tags": Spec((TIME,), TAGS, Vocabulary(WORDS, None)),
    }
    for kind, networks in groups:
        for number, (name, settings) in enumerate(networks):
            yield pytest.param(name, settings, specs[kind], id=f"{kind}-{name}-{number}")


def samples_of(spec: Spec, lengths: np.ndarray, *, in_front: bool, seed: int = 0) -> Samples:
    """Samples of those lengths, weighted as their trainer weighs them."""
    rng = np.random.default_rng(seed)
    steps = np.arange(TIME)
    real = steps >= TIME - lengths[:, None] if in_front else steps < lengths[:, None]  # (samples, time)
    if spec.vocabulary is None:
        numbers = rng.normal(size=(len(lengths), TIME, 2))
        inputs = np.where(real[..., None], numbers, PADDING).astype(np.float32)
    else:
        inputs = np.where(real, rng.integers(1, WORDS, real.shape), 0).astype(np.int32)
    if isinstance(spec.target, TagTarget):
        tags = np.where(real, inputs % 3, NO_TAG).astype(np.int32)
        return weighted(Split(inputs, tags, np.arange(len(inputs))))
    targets = (lengths % 2).astype(np.float32)[:, None]
    return Samples(inputs, targets, rng.uniform(0.5, 2, len(lengths)).astype(np.float32))


def bucketed(samples: Samples, *widths: int) -> Samples:
    return Samples(samples.inputs, samples.targets, samples.weights, Buckets.of(samples.inputs, widths))


def program_of(name: str, settings: dict, spec: Spec) -> Program:
    keras.backend.clear_session()
    keras.utils.set_random_seed(2)
    network = REGISTRIES["architecture"].get(name)(name=name, **settings)
    model = network.build(network.refine(spec))
    rng = np.random.default_rng(3)  # of such sizes that every step matters
    model.set_weights([rng.uniform(0.2, 0.9, w.shape) if w.ndim < 2 else rng.normal(0, 0.6, w.shape)
                       for w in model.get_weights()])  # fmt: skip
    read_any_length(model)
    tagging = isinstance(spec.target, TagTarget)
    loss, keep = (tag_loss, {"keep": keep_guesses}) if tagging else (loss_of(spec.target), {})
    return Program(model, loss, keras.optimizers.SGD(0.1), **keep)


def probabilities(samples: Samples, outputs: np.ndarray) -> np.ndarray:
    """What metrics see: of tags only those of real steps."""
    return outputs[samples.targets >= 0] if outputs.ndim == 3 else outputs


@pytest.fixture
def eagerly():
    """Nothing is compiled: each network would take a second."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.parametrize(
    ("name", "settings", "spec"), [*cases(("text", TEXTS), ("numbers", NUMBERS), ("tags", TAGGED))]
)
def test_a_step_on_less_padding_is_the_same_step(eagerly, name, settings, spec):
    """Loss, outputs and every updated variable, in training, with the statistics of batch normalisation."""
    lengths = np.array([NARROW, 3, NARROW - 1, 1, 5, 7])
    samples = samples_of(spec, lengths, in_front=spec.vocabulary is not None and spec.target is TEXT)
    program = program_of(name, settings, spec)
    results, first = [], program.model.get_weights()
    for place in (1, 0):
        program.model.set_weights(first)
        places = np.array([place], np.int32)
        loss, outputs = program.train_steps(bucketed(samples, NARROW, TIME), np.arange(6), 0, 1, 6, places)
        results.append((loss, probabilities(samples, outputs), program.model.get_weights()))
    (loss, outputs, weights), (narrow_loss, narrow_outputs, narrow_weights) = results
    assert narrow_loss == pytest.approx(loss, abs=1e-6)
    np.testing.assert_allclose(narrow_outputs, outputs, atol=1e-6)
    for narrow, whole in zip(narrow_weights, weights, strict=True):
        np.testing.assert_allclose(narrow, whole, atol=1e-6)


@pytest.mark.parametrize(("name", "settings", "spec"), [*cases(("text", TEXTS[2:3]), ("tags", TAGGED[1:2]))])
def test_evaluation_gives_each_sample_its_own_outputs(name, settings, spec):
    lengths = np.random.default_rng(4).integers(1, TIME + 1, 1100)  # two full batches, one of which has two widths
    samples = samples_of(spec, lengths, in_front=spec.vocabulary is not None and spec.target is TEXT)
    program = program_of(name, settings, spec)
    loss, outputs = program.evaluate(samples)
    narrow_loss, narrow_outputs = program.evaluate(bucketed(samples, 3, NARROW, TIME))
    assert narrow_loss == pytest.approx(loss, abs=1e-6)
    assert narrow_outputs.shape == outputs.shape
    given, expected = (probabilities(samples, each) for each in (narrow_outputs, outputs))
    np.testing.assert_allclose(given, expected, atol=1e-6)
    assert len(np.unique(expected[:, -1])) > 50  # so that a wrong order would show


# --- training ---------------------------------------------------------------------------------------------------------


def text_split(samples: int = 230, seed: int = 0) -> Split:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, TIME + 1, samples)
    inputs = np.where(np.arange(TIME) >= TIME - lengths[:, None], rng.integers(1, WORDS, (samples, TIME)), 0)
    return Split(inputs.astype(np.int32), (inputs.sum(axis=1) % 2).astype(np.int32), np.arange(samples))


def make_loop(session: Session, dropout: float = 0.2, **settings) -> Loop:
    trainer = Classifier(**{"epochs": 3, "batch_size": 32, "batching": "bucketed", **settings})
    network = {"embedding_dropout": dropout, "embedding_dim": 4}
    program = program_of("bag_of_words", network, Spec((TIME,), TEXT, Vocabulary(WORDS, None)))
    program = Program(program.model, loss_of(TEXT), build_optimizer(trainer))
    train, validation = (bucketed(encode(text_split(seed=seed), TEXT), 4, NARROW, TIME) for seed in (0, 1))
    return Loop(program, trainer, train, validation, measure, session)


def untimed(history):
    return [{key: value for key, value in row.items() if "second" not in key} for row in history]


def stopped_after(count: int, begun: Kept, loop_from) -> Kept:
    """What a run has kept that begins so and gets a signal after so many steps."""
    kept, signals, steps = Kept({**begun.states}), StopSignals(), []

    def emit(event):
        if isinstance(event, Batch):
            steps.append(event.step)
            signals.received = 15 if len(steps) == count else None

    with pytest.raises(InterruptedRun):
        loop_from(kept, Session(3, emit, signals=signals)).run()
    return kept


def test_an_interrupted_run_goes_on_to_the_same_weights(monkeypatch):
    monkeypatch.setattr("seqrun.training.loop.REPORT_SECONDS", 0)  # one step a compiled call
    whole = make_loop(Session(3, emit=lambda event: None))
    program, state = whole.program, whole.state
    begun = Kept()
    begun.save("training", 0, state.arrays(program.model, program.optimizer), {**state.scalars(), "carried": {}})
    whole.run()
    # full batches of three widths, the partial one: none anew
    assert program._train.experimental_get_tracing_count() == 2
    expected = program.model.get_weights()

    def loop_from(progress, session):
        session = replace(session, progress=progress)
        return Loop(program, whole.settings, whole.samples, whole.validation, measure, session)

    for count in (11, 16):  # within an epoch of 8 steps and at its end
        again = loop_from(stopped_after(count, begun, loop_from), Session(77, emit=lambda event: None))
        again.run()
        assert all(np.array_equal(a, b) for a, b in zip(program.model.get_weights(), expected, strict=True))
        assert untimed(again.state.history) == untimed(state.history)
    assert program._train.experimental_get_tracing_count() == 2


def test_training_metrics_and_loss_are_those_of_each_sample():
    still = {"name": "sgd", "learning_rate": 1e-9}
    loop = make_loop(Session(3, emit=lambda event: None), dropout=0.0, epochs=2, optimizer=still)
    loss, outputs = loop.program.evaluate(loop.samples)
    expected = measure(loop.samples.targets, outputs)
    for row in loop.run().history:
        assert row["loss"] == pytest.approx(loss, abs=1e-6)
        assert row["auc"] == pytest.approx(expected["auc"], abs=1e-6)
        assert row["log_loss"] == pytest.approx(loss, abs=1e-6)


def test_steps_per_epoch_goes_on_where_the_last_epoch_ended():
    loop = make_loop(Session(3, emit=lambda event: None), steps_per_epoch=2)
    seen = np.concatenate([loop._order() for _ in range(4)])
    assert len(seen) == 4 * 64
    assert len(set(seen[:192])) == 192  # none comes again before all have come
    assert set(seen) == set(range(230))


POOLED = [MASKED, "GlobalAveragePooling1D"]


def fit(splits: Splits, messages: list, layers: list = POOLED, **settings):
    trainer = Classifier(epochs=2, batching="bucketed", **settings)
    keras.utils.set_random_seed(1)
    model = REGISTRIES["architecture"].get("sequential")(name="sequential", layers=layers).build(splits.spec)
    return trainer.fit(model, splits, Session(3, emit=messages.append))


def test_a_trainer_chooses_the_widths_and_refits_on_them():
    messages = []
    splits = Splits(Spec((TIME,), TEXT, Vocabulary(WORDS, None)), *(text_split(seed=seed) for seed in (1, 2, 3)))
    outcome = fit(splits, messages, batch_size=23, refit=True, class_weight="balanced")
    told = [event.text for event in messages if isinstance(event, Message)]
    assert any(text.startswith("batches are padded to ") and text.endswith(f"or {TIME} steps") for text in told)
    assert not any(isinstance(event, Warned) for event in messages)
    assert 0 < outcome.metrics["test"]["auc"] < 1
    assert outcome.predictions["predictions"].shape == (230,)


def test_samples_of_one_length_are_told():
    messages = []
    full = Split(np.full((40, TIME), 3, np.int32), np.arange(40, dtype=np.int32) % 2, np.arange(40))
    fit(Splits(Spec((TIME,), TEXT, Vocabulary(WORDS, None)), full, full, full), messages, batch_size=4)
    (warned,) = [event.text for event in messages if isinstance(event, Warned)]
    assert warned.startswith("trainer.batching: bucketed changes nothing: ")


def test_batch_normalisation_is_told_to_see_one_length_at_a_time():
    messages = []
    splits = Splits(Spec((TIME,), TEXT, Vocabulary(WORDS, None)), *(text_split(seed=seed) for seed in (1, 2, 3)))
    layers = [*POOLED, {"name": "BatchNormalization", "trainable": True}]
    fit(splits, messages, layers, batch_size=23)
    (warned,) = [event.text for event in messages if isinstance(event, Warned)]
    assert "batch normalisation sees samples of one length at a time" in warned
