"""Values of environment variables do not stand in what others may read."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqrun.events.events import Finished, Message, Warned, to_all
from seqrun.machine.withheld import masked, unmasked, withhold


@pytest.mark.parametrize(
    ("value", "text", "told"),
    [
        ("s3cret-1", "no file /a/s3cret-1/b", "no file /a/${env:T_X}/b"),
        ("a'b\\c\"d", f"not {'a' + chr(39) + 'b' + chr(92) + 'c' + chr(34) + 'd'!r}", "not '${env:T_X}'"),
        ("über.txt", '"\\u00fcber.txt"', '"${env:T_X}"'),
        ("/old//place/", "no file /old/place/x", "no file ${env:T_X}/x"),
        ("short", "a short one", "a short one"),
    ],
)
def test_a_text_has_the_reference_instead(value, text, told):
    withhold("T_X", value)
    assert masked(text) == told


def test_the_longest_value_counts_and_no_reference_is_read_again():
    withhold("T_PART", "abcdef")
    withhold("T_WHOLE", "abcdefghi")
    withhold("T_NAME", "T_WHOLE")
    assert masked("abcdefghi, abcdefgh") == "${env:T_WHOLE}, ${env:T_PART}gh"


def test_followers_are_told_references():
    withhold("T_X", "s3cret-2")
    told = []
    emit = to_all([told.append])
    for event in (Message("at s3cret-2"), Warned("s3cret-2"), Finished("runs/s3cret-2", "failed", error="s3cret-2")):
        emit(event)
    at = "${env:T_X}"
    assert told == [Message(f"at {at}"), Warned(at), Finished("runs/s3cret-2", "failed", error=at)]


def test_a_recorded_path_is_found_again(tmp_path, monkeypatch):
    recorded = tmp_path / "${env:T_X}" / "a.txt"
    assert unmasked(recorded) == recorded
    monkeypatch.setenv("T_X", "s3cret-3")
    assert unmasked(recorded) == tmp_path / "s3cret-3" / "a.txt"
    recorded.parent.mkdir()
    recorded.touch()
    assert unmasked(recorded) == Path(recorded)
