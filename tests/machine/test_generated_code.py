"""What TensorFlow converts works without a folder for temporary files, and leaves none there."""

import tempfile

import pytest

from seqrun.machine.device import import_tensorflow


@pytest.fixture
def tf(tmp_path, monkeypatch):
    """TensorFlow, in a process that could not write a temporary file."""
    (tmp_path / "full").write_text("a file, not a folder")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "full"))
    return import_tensorflow()


def test_loops_and_conditions_over_tensors_are_converted(tf):
    @tf.function
    def odd_numbers(count):
        total = 0
        for number in tf.range(count):
            if number % 2 == 1:
                total += number
        return total

    assert int(odd_numbers(tf.constant(10))) == sum(range(1, 10, 2))


def test_an_error_in_converted_code_names_the_line_that_was_written(tf):
    @tf.function
    def wrong(value):
        if value > 0:
            value = tf.ensure_shape(value, [3])  # the line
        return value

    with pytest.raises(ValueError, match=r"test_generated_code\.py.*\n.*# the line"):
        wrong(tf.constant(1.0))
