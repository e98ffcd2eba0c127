"""The training loop against plain Keras, against itself, and against what ends a run early."""

from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np
import pytest
from progress_in_memory import Kept

from seqrun.components.session import Session
from seqrun.components.splits import Spec, Split, Splits
from seqrun.components.targets import ClassTarget
from seqrun.errors import DivergedError, InterruptedRun
from seqrun.events.events import Batch, Epoch
from seqrun.machine.signals import StopSignals
from seqrun.tasks.classification.fit import encode, loss_of, measure, weighted
from seqrun.tasks.classification.trainer import Classifier
from seqrun.training.loop import Loop
from seqrun.training.optimizers import build_optimizer
from seqrun.training.program import Program
from seqrun.training.samples import Samples

WORDS, TIME, SAMPLES = 50, 12, 230  # 230 samples leave a partial batch of 6 beside seven of 32
WHOLE = 23  # samples in a batch that leave no partial one, which is compiled apart


def random_split(samples: int = SAMPLES, classes: int = 2, seed: int = 0) -> Split:
    rng = np.random.default_rng(seed)
    inputs = rng.integers(1, WORDS, (samples, TIME)).astype(np.int32)
    return Split(inputs, (inputs.sum(axis=1) % classes).astype(np.int32), np.arange(samples))


def small_model(dropout: float = 0.0, units: int = 1, recurrent: bool = False) -> keras.Model:
    """Words in a row, or their mean, which is compiled in a third of the time."""
    keras.utils.set_random_seed(1)
    layers = keras.layers
    tokens = keras.Input((TIME,), dtype="int32")
    summary = layers.LSTM(6) if recurrent else layers.GlobalAveragePooling1D()
    hidden = summary(layers.Dropout(dropout)(layers.Embedding(WORDS, 5)(tokens)))
    hidden = layers.Dropout(dropout)(layers.BatchNormalization()(hidden))
    activation = "sigmoid" if units == 1 else "softmax"
    return keras.Model(tokens, layers.Dense(units, activation=activation, dtype="float32")(hidden))


def make_loop(
    session: Session, dropout: float = 0.2, recurrent: bool = False, program: Program | None = None, **settings
) -> Loop:
    """A loop over a new program, or over one that is compiled already."""
    trainer = Classifier(**{"epochs": 3, "batch_size": 32, **settings})
    target = ClassTarget(("a", "b"))
    program = program or Program(small_model(dropout, 1, recurrent), loss_of(target), build_optimizer(trainer))
    train, validation = encode(random_split(), target), encode(random_split(seed=9), target)
    return Loop(program, trainer, train, validation, measure, session)


def beginning(program: Program) -> Callable[[], None]:
    """Sets all that the program's steps change back to what it is now."""
    variables = [*program.model.variables, *program.optimizer.variables]
    values = [variable.numpy() for variable in variables]

    def start_again() -> None:
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)

    return start_again


def quiet(seed: int = 3, **hooks) -> Session:
    return Session(seed, emit=lambda event: None, **hooks)


@pytest.mark.parametrize(
    ("classes", "optimizer", "weighted"),
    [
        (2, {"name": "adam"}, False),
        (2, {"name": "sgd", "learning_rate": 0.5, "momentum": 0.9, "global_clipnorm": 0.1}, True),
        (3, {"name": "rmsprop", "clipvalue": 0.01}, False),
        (
            2,
            {
                "name": "adamw",
                "learning_rate": {"name": "cosine_decay", "initial_learning_rate": 0.05, "decay_steps": 15},
            },
            False,
        ),
    ],
)
def test_first_20_losses_are_those_of_train_on_batch(classes, optimizer, weighted):
    target = ClassTarget(tuple("abc"[:classes]))
    trainer = Classifier(optimizer=optimizer)
    split = random_split(32 * 20, classes)
    samples = encode(split, target)
    weights = np.linspace(0.5, 2, len(split), dtype=np.float32) if weighted else None
    size = {"units": target.units, "recurrent": optimizer["name"] == "adam"}
    program = Program(small_model(**size), loss_of(target), build_optimizer(trainer))
    plain = small_model(**size)
    plain.compile(optimizer=build_optimizer(trainer), loss=loss_of(target))
    order = np.random.default_rng(5).permutation(len(split)).astype(np.int32)
    weighed = Samples(samples.inputs, samples.targets, weights)
    for step in range(20):
        batch = order[step * 32 : (step + 1) * 32]
        plain.reset_metrics()
        expected = plain.train_on_batch(
            split.inputs[batch],
            samples.targets[batch],
            sample_weight=None if weights is None else weights[batch],
        )
        (loss,), _ = program.train_steps(weighed, order, step, 1, 32)
        assert loss == pytest.approx(float(np.ravel(expected)[0]), abs=1e-5)
    for ours, theirs in zip(program.model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_many_steps_in_one_call_are_the_same_steps():
    target = ClassTarget(("a", "b"))
    samples = encode(random_split(320), target)
    order = np.arange(320, dtype=np.int32)[::-1].copy()
    weights = []
    program = Program(small_model(0.3, recurrent=True), loss_of(target), keras.optimizers.Adam())
    start_again = beginning(program)
    for counts in ([10], [1] * 10, [3, 7]):
        start_again()
        start = 0
        for count in counts:
            program.train_steps(samples, order, start, count, 32)
            start += count
        weights.append(program.model.get_weights())
    for other in weights[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(weights[0], other, strict=True))


def test_evaluation_agrees_with_keras():
    target = ClassTarget(("a", "b"))
    split = random_split(1100)  # two full evaluation batches and a partial one
    samples = encode(split, target)
    model = small_model(0.5, recurrent=True)
    loss, outputs = Program(model, loss_of(target), keras.optimizers.Adam()).evaluate(samples)
    model.compile(loss=loss_of(target))
    assert loss == pytest.approx(model.evaluate(split.inputs, samples.targets, verbose=0), abs=1e-6)
    np.testing.assert_allclose(outputs, model.predict(split.inputs, verbose=0), atol=1e-6)


def test_same_seed_gives_the_same_weights_and_another_seed_others():
    first, second = make_loop(quiet(3), batch_size=WHOLE), make_loop(quiet(3), batch_size=WHOLE)
    start_again = beginning(second.program)
    first.run()
    second.run()
    expected = first.program.model.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(expected, second.program.model.get_weights(), strict=True))
    start_again()
    other = make_loop(quiet(4), program=second.program, batch_size=WHOLE)
    other.run()
    assert not np.array_equal(expected[0], other.program.model.get_weights()[0])


def test_history_has_every_column_and_the_model_its_best_epoch():
    rows, events = [], []
    session = Session(3, emit=events.append, save_row=rows.append)
    loop = make_loop(session, epochs=6, optimizer={"name": "adam", "learning_rate": 0.05})
    loop.run()
    best = min(rows, key=lambda row: row["val_loss"])
    assert loop.best_epoch == best["epoch"]
    val_loss, outputs = loop.program.evaluate(loop.validation)
    assert val_loss == pytest.approx(best["val_loss"], abs=1e-7)
    assert measure(loop.validation.targets, outputs)["auc"] == pytest.approx(best["val_auc"], abs=1e-12)
    assert [row["epoch"] for row in rows] == list(range(1, 7))
    assert {"loss", "val_loss", "accuracy", "val_f1", "learning_rate", "seconds", "samples_per_second"} <= set(best)
    assert [event.row for event in events if isinstance(event, Epoch)] == rows
    last = [event for event in events if isinstance(event, Batch)][-1]
    assert (last.epoch, last.step, last.steps) == (6, 8, 8)


def test_training_metrics_are_those_of_the_epochs_samples():
    loop = make_loop(quiet(), dropout=0.0, epochs=1, optimizer={"name": "sgd", "learning_rate": 1e-9}, batch_size=230)
    row = loop.run().history[0]
    outputs = loop.program.model(loop.samples.inputs, training=True).numpy()
    expected = measure(loop.samples.targets, outputs)
    assert row["auc"] == pytest.approx(expected["auc"], abs=1e-6)
    assert row["log_loss"] == pytest.approx(expected["log_loss"], abs=1e-5)
    assert row["loss"] == pytest.approx(expected["log_loss"], abs=1e-5)


def test_steps_per_epoch_goes_on_where_the_last_epoch_ended():
    loop = make_loop(quiet(), steps_per_epoch=3, epochs=4)
    seen = []
    take = loop.state.shuffle.take
    loop.state.shuffle.take = lambda count: seen.append(take(count)) or seen[-1]
    loop.run()
    assert [len(order) for order in seen] == [96] * 4
    stream = np.concatenate(seen)
    assert sorted(stream[:SAMPLES]) == list(range(SAMPLES))  # every sample once before any comes again


def test_no_epoch_after_the_first_compiles_again():
    loop = make_loop(quiet(), epochs=1)
    loop.run()
    program = loop.program
    traces = (program._train.experimental_get_tracing_count(), program._evaluate.experimental_get_tracing_count())
    assert traces == (2, 1)  # full and partial training batch; one partial evaluation batch
    make_again = Loop(program, loop.settings, loop.samples, loop.validation, measure, quiet())
    make_again.run()
    assert program._train.experimental_get_tracing_count() == 2
    assert program._evaluate.experimental_get_tracing_count() == 1


def test_a_loss_that_is_not_finite_ends_the_run():
    loop = make_loop(quiet(), dropout=0.0, batch_size=WHOLE)
    weights = loop.program.model.get_weights()
    weights[0][7] = np.nan  # one word's embedding
    loop.program.model.set_weights(weights)
    with pytest.raises(DivergedError, match=r"loss at step \d+ of epoch 1 is nan"):
        loop.run()


def stopped_after(steps: int, program: Program, settings: dict) -> Kept:
    """The progress of a run that got a signal after so many steps."""
    kept, signals, seen = Kept(), StopSignals(), []

    def emit(event):
        if isinstance(event, Batch):
            seen.append(event.step)
            if len(seen) == steps:
                signals.received = 15

    loop = make_loop(Session(3, emit, progress=kept, signals=signals), program=program, **settings)
    with pytest.raises(InterruptedRun) as stopped:
        loop.run()
    assert stopped.value.exit_code == 143
    return kept


def test_a_run_that_was_interrupted_goes_on_to_the_same_weights(monkeypatch):
    monkeypatch.setattr("seqrun.training.loop.REPORT_SECONDS", 0)  # one step a compiled call
    # The first epoch is the best one.
    settings = {"epochs": 4, "reduce_lr": {"patience": 1, "min_delta": 0.5}, "optimizer": {"learning_rate": 0.03}}
    # The program that goes on was never where the other stopped: it has first weights, then those of an end.
    program, going_on = (make_loop(quiet(seed), **settings).program for seed in (3, 77))
    start_again = beginning(program)
    # Stopped within an epoch and at its end; in epochs that do not use a permutation up.
    for steps_per_epoch, stops in ((None, (1, 6, 8, 13)), (5, (12,))):
        settings["steps_per_epoch"] = steps_per_epoch
        start_again()
        whole = make_loop(quiet(), program=program, **settings)
        whole.run()
        expected = program.model.get_weights()
        for stop_after in stops:
            start_again()
            checkpoint = stopped_after(stop_after, program, settings)
            second = make_loop(quiet(seed=77, progress=checkpoint), program=going_on, **settings)
            second.run()
            pairs = zip(expected, going_on.model.get_weights(), strict=True)
            assert all(np.array_equal(a, b) for a, b in pairs)
            assert untimed(second.state.history) == untimed(whole.state.history)


def untimed(history: list[dict]) -> list[dict]:
    return [{k: v for k, v in row.items() if k not in ("seconds", "samples_per_second")} for row in history]


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_learns(precision):
    keras.config.set_dtype_policy(precision)
    try:
        loop = make_loop(
            quiet(),
            dropout=0.0,
            recurrent=True,
            precision=precision,
            epochs=5,
            batch_size=WHOLE,
            optimizer={"name": "adam", "learning_rate": 0.03},
        )
    finally:
        keras.config.set_dtype_policy("float32")
    history = loop.run().history
    assert loop.program.model.layers[2].compute_dtype == precision.removeprefix("mixed_")
    assert history[-1]["loss"] < history[0]["loss"]
    assert loop.program.model.get_weights()[0].dtype == np.float32


def make_splits(classes: tuple[str, ...]) -> Splits:
    parts = [random_split(120, len(classes), seed) for seed in (1, 2, 3)]
    return Splits(Spec((TIME,), ClassTarget(classes)), *parts)


def test_refit_trains_as_long_as_the_best_epoch_on_all_that_is_no_test():
    trainer = Classifier(epochs=3, refit=True, early_stopping=None, batch_size=32, optimizer="sgd")
    splits = make_splits(("a", "b"))
    model = small_model()
    first = model.get_weights()
    result = trainer.fit(model, splits, quiet())
    again = small_model()
    again.set_weights(first)
    target = splits.spec.target
    both = encode(splits.train.joined(splits.validation), target)
    loop = Loop(
        Program(again, loss_of(target), build_optimizer(trainer)),
        trainer.model_copy(update={"epochs": result.best_epoch}),
        both,
        None,
        measure,
        quiet(),
    )
    loop.run()
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), again.get_weights(), strict=True))


def test_class_weights_weigh_as_keras_does():
    splits = make_splits(("a", "b"))
    trainer = Classifier(
        epochs=1, batch_size=120, class_weight={"b": 3.0}, early_stopping=None, optimizer={"name": "sgd"}
    )
    model, plain = small_model(), small_model()
    trainer.fit(model, splits, quiet())
    plain.compile(optimizer="sgd", loss=loss_of(splits.spec.target))
    plain.train_on_batch(
        splits.train.inputs, splits.train.targets[:, None].astype("float32"), class_weight={0: 1.0, 1: 3.0}
    )
    for ours, theirs in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_balanced_class_weights_are_scikit_learns():
    from sklearn.utils.class_weight import compute_class_weight

    split = random_split(90)
    targets = (np.arange(90) % 9 == 0).astype(np.int32)
    samples = weighted("balanced", replace(split, targets=targets), ClassTarget(("a", "b")))
    expected = compute_class_weight("balanced", classes=np.array([0, 1]), y=targets)
    np.testing.assert_allclose(samples.weights, expected[targets], rtol=1e-6)


def test_the_learning_rate_falls_when_the_plateau_says_so():
    rows = []
    session = Session(3, emit=lambda event: None, save_row=rows.append)
    reducing = {"patience": 1, "min_delta": 100.0, "factor": 0.1, "min_lr": 5e-4}
    rate = {"name": "adam", "learning_rate": 0.01}
    make_loop(session, epochs=4, batch_size=WHOLE, optimizer=rate, reduce_lr=reducing).run()
    assert [row["learning_rate"] for row in rows] == [0.01, 0.01, 0.001, 0.0005]


def test_a_signal_after_the_last_step_still_ends_the_run_with_a_checkpoint():
    signals, kept = StopSignals(), Kept()

    def row_written(row):
        signals.received = 15 if row["epoch"] == 2 else None

    session = Session(3, lambda event: None, row_written, kept, signals)
    with pytest.raises(InterruptedRun):
        make_loop(session, epochs=2, batch_size=WHOLE).run()
    assert len(kept.states["training"].scalars["history"]) == 2


def test_a_network_of_the_wrong_outputs_is_refused():
    with pytest.raises(Exception, match=r"3 classes want \(None, 3\)"):
        Classifier(epochs=1).fit(small_model(), make_splits(("a", "b", "c")), quiet())
    linear = keras.Sequential([keras.Input((TIME,)), keras.layers.Dense(1)])
    linear.layers[0].set_weights([np.full((TIME, 1), -9.0), np.zeros(1)])
    with pytest.raises(Exception, match="activation='sigmoid'"):
        Classifier(epochs=1).fit(linear, make_splits(("a", "b")), quiet())


def test_an_unknown_class_weight_is_named():
    with pytest.raises(Exception, match="unknown class 'bb'"):
        Classifier(epochs=1, class_weight={"bb": 2.0}).fit(small_model(), make_splits(("aa", "bbb")), quiet())
