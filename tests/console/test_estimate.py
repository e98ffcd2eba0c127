"""How long a run will still take, on a clock that the test turns."""

import pytest

from seqrun.console.estimate import Estimate
from seqrun.events.events import Batch, Epoch, Started


def started(epochs=10, patience=None):
    return Started(
        run="runs/x",
        name="x",
        epochs=epochs,
        steps_per_epoch=100,
        samples=1000,
        parameters=10,
        device="CPU",
        monitor="val_loss",
        patience=patience,
    )


def batch(epoch, step):
    return Batch(epoch=epoch, step=step, steps=100, loss=0.5, samples_per_second=10.0)


def epoch(number, seconds, best=1):
    row = {"epoch": number, "loss": 0.5, "learning_rate": 0.1, "seconds": seconds, "samples_per_second": 10.0}
    return Epoch(row=row, best_epoch=best, best_value=0.5)


def test_nothing_is_claimed_before_two_reports():
    estimate = Estimate(started(), now=0.0)
    assert estimate.epoch_left(5.0) is None
    estimate.batch_done(batch(1, 10), now=30.0)
    assert estimate.epoch_left(30.0) is None
    assert estimate.until(10, 30.0) is None


def test_the_first_epoch_is_judged_by_its_steps_without_the_compilation():
    estimate = Estimate(started(), now=0.0)
    estimate.batch_done(batch(1, 10), now=30.0)  # the compilation took most of it
    estimate.batch_done(batch(1, 30), now=32.0)  # 10 steps a second, 70 to go
    assert estimate.epoch_left(32.0) == pytest.approx(7.0)
    assert estimate.epoch_left(34.0) == pytest.approx(5.0)
    assert estimate.epoch_left(60.0) == 0.0


def test_later_epochs_are_judged_by_the_finished_ones_except_the_first():
    estimate = Estimate(started(), now=0.0)
    estimate.epoch_done(epoch(1, seconds=40.0), now=40.0)
    assert estimate.until(10, 40.0) == pytest.approx(9 * 40.0)
    estimate.epoch_done(epoch(2, seconds=10.0), now=50.0)
    estimate.batch_done(batch(3, 50), now=54.0)
    assert estimate.epoch_left(54.0) == pytest.approx(6.0)
    assert estimate.until(10, 54.0) == pytest.approx(6.0 + 7 * 10.0)


def test_early_stopping_ends_the_run_patience_after_the_best_epoch():
    estimate = Estimate(started(epochs=10, patience=3), now=0.0)
    assert estimate.stops_after is None
    estimate.epoch_done(epoch(4, seconds=1.0, best=2), now=4.0)
    assert estimate.stops_after == 5
    estimate.epoch_done(epoch(9, seconds=1.0, best=9), now=9.0)
    assert estimate.stops_after == 10


def test_without_early_stopping_or_a_best_epoch_no_end_is_foretold():
    estimate = Estimate(started(patience=None), now=0.0)
    estimate.epoch_done(epoch(1, seconds=1.0), now=1.0)
    assert estimate.stops_after is None
    undefined = Estimate(started(patience=3), now=0.0)
    undefined.epoch_done(epoch(1, seconds=1.0, best=0), now=1.0)
    assert undefined.stops_after is None


def test_a_resumed_run_counts_the_epochs_before_it():
    estimate = Estimate(started(epochs=10), now=0.0)
    estimate.batch_done(batch(8, 10), now=1.0)
    assert estimate.finished == 7
