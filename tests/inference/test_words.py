"""What cannot be is told of values and files; the command line, and nothing below it, knows options."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

import seqrun
from seqrun.cli.predict import command, naming_options
from seqrun.datasets.files.arrays import read_array
from seqrun.errors import InputError, Parameter, UsageError
from seqrun.inference.questions import Prediction
from seqrun.inference.request import MODES, Request
from seqrun.inference.results import check_output
from seqrun.registry import PREDICTIONS, load

BELOW = ("components", "datasets", "inference", "tasks")
OPTIONS = sorted(
    name for parameter in command.params for name in parameter.opts if parameter.name not in ("run", "allow_plugins")
)


def test_an_api_is_told_of_parameters_and_a_command_line_of_options(tmp_path):
    path = tmp_path / "new.npz"
    np.savez(path, one=np.ones(2), two=np.ones(3))
    with pytest.raises(InputError) as told:
        read_array(path, "on")
    why = f"{path} holds no such array (did you mean one?); there are one (2,), two (3,)"
    assert str(told.value) == f"column 'on': {why}"
    with pytest.raises(UsageError) as told, naming_options():
        read_array(path, "on")
    assert str(told.value) == f"--column on: {why}"
    with pytest.raises(InputError, match=r"say with column which one it is$"):
        read_array(path)


def test_parameters_without_a_value_are_told_of_by_what_stands_for_it():
    with pytest.raises(InputError) as told:
        Request().check_source(["text", "input"])
    assert str(told.value) == "give either text (as often as you like) or input FILE"
    assert str(InputError(Parameter("threshold", 2.0), ": no")) == "threshold 2.0: no"


def test_the_output_is_an_option_of_one_letter(tmp_path):
    with pytest.raises(UsageError, match=r"^-o out\.txt: the ending is none of"), naming_options():
        check_output(Path("out.txt"))
    with pytest.raises(InputError, match=r"^output out\.txt: the ending is none of"):
        check_output(Path("out.txt"))


@pytest.mark.parametrize("target", PREDICTIONS)
def test_every_parameter_of_a_prediction_is_one_of_a_request_and_an_option(target):
    prediction: Prediction = load(PREDICTIONS[target])
    request = Request(("a",), Path("a"), "a", "a", MODES, 1, 1)
    assert prediction.parameters <= set(request.given())
    assert {f"--{name}" for name in prediction.parameters} <= set(OPTIONS)


def strings(path: Path) -> list[str]:
    return [
        node.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def test_no_text_below_the_command_line_names_an_option_of_predict():
    package = Path(seqrun.__file__).parent
    pattern = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, OPTIONS))})(?![\w-])")
    named = {
        f"{path.relative_to(package)}: {text}"
        for room in BELOW
        for path in (package / room).rglob("*.py")
        for text in strings(path)
        if pattern.search(text)
    }
    assert named == set()
    assert pattern.search("give --input FILE") and pattern.search("-o out.csv")
