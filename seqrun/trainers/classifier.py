"""The trainer of classifiers: which of two or more classes a sample belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from seqrun.components import ClassTarget, Outcome, Split, Splits, Trainer
from seqrun.errors import UsageError
from seqrun.events import Batch, Message
from seqrun.registry import suggest
from seqrun.trainers.baselines import losing_warning, majority, skill, tfidf_logistic
from seqrun.trainers.examples import classified_examples
from seqrun.trainers.loop import Loop, Session
from seqrun.trainers.metrics import (
    CLASSIFICATION_METRICS,
    balanced_accuracy_at,
    best_threshold,
    classification_metrics,
)
from seqrun.trainers.optimizers import build_optimizer
from seqrun.trainers.plots import classification_figures, history_figures
from seqrun.trainers.program import Program, Samples
from seqrun.trainers.state import LoopState

if TYPE_CHECKING:
    import keras


class Classifier(Trainer):
    """Cross-entropy over two or more classes, measured with scikit-learn's metrics against two plain baselines."""

    tasks: ClassVar[frozenset[str]] = frozenset({"classification"})
    metrics: ClassVar[tuple[str, ...]] = CLASSIFICATION_METRICS

    name: Literal["classifier"] = "classifier"
    class_weight: Literal["balanced"] | dict[str, float] | None = Field(
        None, description="weight of each class in the training loss: balanced (by frequency), or {class: weight}"
    )

    def fit(self, model: keras.Model, splits: Splits, session: Session) -> Outcome:
        target = splits.spec.target
        program = Program(model, loss_of(target), build_optimizer(self))
        validation = encode(splits.validation, target)
        check_outputs(program, validation, target)
        initial = [variable.numpy() for variable in model.variables]
        loop = Loop(program, self, self._weighted(splits.train, target), validation, measure, session)
        state = loop.run()
        best = loop.best_epoch or state.epoch
        val_loss, val_outputs = program.evaluate(validation)
        if self.refit:
            self._refit(model, initial, splits, state, best, session)
        test_loss, test_outputs = program.evaluate(encode(splits.test, target))
        metrics = {
            "train": {name: state.history[best - 1][name] for name in ("loss", *self.metrics)},
            "validation": {"loss": val_loss, **measure(splits.validation.targets, val_outputs)},
            "test": {"loss": test_loss, **measure(splits.test.targets, test_outputs)},
        }
        threshold = None
        if target.units == 1:
            threshold = best_threshold(splits.validation.targets, probabilities(val_outputs))
            metrics["test"] |= threshold_metrics(splits.test.targets, probabilities(test_outputs), threshold)
        return outcome(splits, session, state, best, metrics, probabilities(test_outputs), threshold)

    def _weighted(self, split: Split, target: ClassTarget) -> Samples:
        """Training samples, each weighted by its class."""
        samples = encode(split, target)
        if self.class_weight is None:
            return samples
        if self.class_weight == "balanced":
            counts = np.bincount(split.targets, minlength=len(target.classes))
            weights = len(split) / (len(target.classes) * np.maximum(counts, 1))
        else:
            for name in self.class_weight:
                if name not in target.classes:
                    known = f"{suggest(name, target.classes)}; there are {', '.join(target.classes)}"
                    raise UsageError(f"trainer.class_weight: unknown class {name!r}{known}")
            weights = np.array([self.class_weight.get(name, 1.0) for name in target.classes])
        return Samples.of(samples.inputs, samples.targets, weights.astype(np.float32)[split.targets])

    def _refit(
        self,
        model: keras.Model,
        initial: list[np.ndarray],
        splits: Splits,
        state: LoopState,
        best: int,
        session: Session,
    ) -> None:
        """Trains the model anew, from its first weights, on training + validation, as long as the best epoch took."""
        for variable, value in zip(model.variables, initial, strict=True):
            variable.assign(value)
        target = splits.spec.target
        both = self._weighted(splits.train.joined(splits.validation), target)
        session.emit(
            Message(f"refit: training anew on {len(both):,} samples (training + validation) for {best} epochs")
        )
        rates = () if self.scheduled else [row["learning_rate"] for row in state.history[:best]]
        settings = self.model_copy(update={"epochs": best, "early_stopping": None, "reduce_lr": None})
        quiet = Session(
            session.seed,
            emit=lambda event: session.emit(event) if isinstance(event, Batch) else None,
            signals=session.signals,
        )
        program = Program(model, loss_of(target), build_optimizer(self))
        Loop(program, settings, both, None, measure, quiet, rates).run()


def loss_of(target: ClassTarget) -> keras.losses.Loss:
    """Cross-entropy of probabilities."""
    import keras

    return keras.losses.BinaryCrossentropy() if target.units == 1 else keras.losses.SparseCategoricalCrossentropy()


def encode(split: Split, target: ClassTarget) -> Samples:
    """Samples with targets as the loss wants them: (samples, 1) floats for two classes, else (samples,) numbers."""
    binary = target.units == 1
    return Samples.of(split.inputs, split.targets.astype(np.float32)[:, None] if binary else split.targets)


def probabilities(outputs: np.ndarray) -> np.ndarray:
    """The network's outputs (samples, units) as (samples,) of the second of two classes, or (samples, classes)."""
    return outputs[:, 0] if outputs.shape[1] == 1 else outputs


def measure(targets: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
    """The metrics of a split or an epoch."""
    return classification_metrics(np.ravel(targets).astype(np.int64), probabilities(outputs))


def check_outputs(program: Program, samples: Samples, target: ClassTarget) -> None:
    """Raises UsageError if the network's outputs are not probabilities of these classes."""
    shape = tuple(program.model.output_shape)
    if shape[1:] != (target.units,):
        raise UsageError(
            f"the network's output has the shape {shape}; {len(target.classes)} classes want (None, {target.units})"
        )
    outputs = np.asarray(program.model(samples.inputs[:32], training=False), np.float32)
    outside = (outputs < 0) | (outputs > 1)
    if outside.any() or (target.units > 1 and not np.allclose(outputs.sum(axis=1), 1, atol=1e-2)):
        raise UsageError(
            f"the network's outputs are no probabilities: its last layer wants activation={target.activation!r}"
        )


def threshold_metrics(targets: np.ndarray, scores: np.ndarray, threshold: float) -> dict[str, float]:
    """Balanced accuracy on test at the threshold chosen on validation, and at the one that test itself would choose.

    The second repeats what some books report; it has seen the test's answers, and its name says so.
    """
    test_chosen = best_threshold(targets, scores)
    return {
        "threshold": threshold,
        "balanced_accuracy_at_threshold": balanced_accuracy_at(targets, scores, threshold),
        "test_chosen_threshold": test_chosen,
        "balanced_accuracy_at_test_chosen_threshold": balanced_accuracy_at(targets, scores, test_chosen),
    }


def outcome(
    splits: Splits,
    session: Session,
    state: LoopState,
    best: int,
    metrics: dict[str, dict[str, float]],
    scores: np.ndarray,
    threshold: float | None,
) -> Outcome:
    """Everything that is kept of a trained classifier; `scores` are its probabilities on the test split."""
    spec, test = splits.spec, splits.test
    session.emit(Message("fitting the baselines"))
    baselines = {"majority": majority(splits.train.targets, test.targets, spec.target.classes)}
    if spec.vocabulary is not None:
        baselines["tfidf_logistic"] = tfidf_logistic(splits.train, test, spec.vocabulary.size, spec.target.classes)
    loses = losing_warning(metrics["test"], baselines)
    return Outcome(
        best_epoch=best,
        metrics=metrics,
        baselines=baselines,
        skill=skill(metrics["test"], baselines),
        predictions={"targets": test.targets, "predictions": scores, "index": test.index},
        figures={
            **history_figures(state.history, best),
            **classification_figures(test.targets, scores, spec.target.classes, threshold),
        },
        artifacts={"examples.json": classified_examples(spec, test, scores)} if spec.vocabulary is not None else {},
        warnings=(loses,) if loses else (),
    )
