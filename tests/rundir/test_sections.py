"""JSON of many runs, read by its sections: the values and the errors are those of the files read each by itself."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqrun.errors import UsageError
from seqrun.rundir.json_files import read_json
from seqrun.rundir.record_shape import RECORD
from seqrun.rundir.sections import Sections
from seqrun.rundir.shapes import anything, fields

RUN = {
    "status": "finished",
    "started": "2026-01-01T00:00:00+00:00",
    "config": {"seed": 1, "dataset": {"name": "imdb", "limit": None}, "tags": ["a", "ä"]},
    "argv": ["seqrun", 'a "b": {', "\\", "\U0001d11e"],
    "git": {},
    "durations": {"fit": 1.5, "data": 2},
}
TEXT = json.dumps(RUN, indent=2)
LAYOUTS = st.sampled_from(
    [{"indent": 2}, {"indent": 4}, {"indent": None}, {"indent": 0}, {"indent": 2, "skipkeys": True}]
)
NAMES = st.sampled_from(["own", "below", "a", "b", 'b": {', '\n  "b', '",\n  "b": 1,\n  "', "d\\", "ä", ""])
LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False, allow_infinity=False) | NAMES
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4))
OBJECTS = st.lists(st.dictionaries(NAMES, VALUES, max_size=5), min_size=1, max_size=3)
SHAPE = fields({}, {"below": fields({}, own=("a",)), "own": anything}, own=("own", "below"))
CHARACTERS = st.sampled_from(
    ["", '"', "{", "}", "[", "]", ",", ":", "\n", "  ", "-1", "\\", "\\ud834", "NaN", "\u00a0"]
)

without_reset = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def outcome(read, path, shape) -> str:
    """What reading a file comes to: the value as text, in its order and with its types, or the error's message."""
    try:
        return json.dumps(read(str(path), shape))
    except UsageError as error:
        return str(error)


@without_reset
@given(OBJECTS, LAYOUTS)
def test_objects_are_what_json_makes_of_them(tmp_path, objects, layout):
    sections, path = Sections(), tmp_path / "object.json"
    for value in (*objects, *objects):  # the second time from what was kept
        path.write_text(json.dumps(value, **layout), "utf-8")
        assert outcome(sections.read, path, SHAPE) == outcome(read_json, path, SHAPE)
        if isinstance(value.get("below", {}), dict):
            assert json.dumps(sections.read(str(path), SHAPE)) == json.dumps(json.loads(path.read_text("utf-8")))


@without_reset
@given(st.integers(0, len(TEXT)), st.integers(0, 30), CHARACTERS)
def test_what_is_wrong_is_told_as_of_a_single_run(tmp_path, place, removed, inserted):
    sections, path = Sections(), tmp_path / "run.json"
    path.write_text(TEXT, "utf-8")
    assert sections.read(str(path), RECORD) == RUN
    path.write_text(TEXT[:place] + inserted + TEXT[place + removed :], "utf-8")
    assert outcome(sections.read, path, RECORD) == outcome(read_json, path, RECORD)


def test_what_stands_alike_is_one_value_and_what_a_run_has_alone_is_not_kept(tmp_path):
    sections, path = Sections(), tmp_path / "run.json"
    read = []
    for seed in (1, 2):
        path.write_text(json.dumps({**RUN, "config": {**RUN["config"], "seed": seed}}, indent=2), "utf-8")
        read.append(sections.read(str(path), RECORD))
    first, second = read
    assert first["argv"] is second["argv"] and first["config"]["dataset"] is second["config"]["dataset"]
    assert first["durations"] is not second["durations"]
    assert [run["config"]["seed"] for run in read] == [1, 2]
