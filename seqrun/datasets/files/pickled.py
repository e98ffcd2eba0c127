"""Arrays of objects from their pickles, which are read as data: nothing that a pickle names is called or imported.

Of the pickle format only what numpy writes for arrays, lists, tuples, numbers and text is known. A pickle can neither
change a dtype's flags, by which raw bytes would be taken for pointers, nor unfold to more than the memory there is.
"""

from __future__ import annotations

import pickle
import re
import struct
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from seqrun.datasets.files.pickled_values import Array, Dtype, Name, named, scalar, weight_of
from seqrun.errors import DataError
from seqrun.readable import size

# Instructions for plain numbers, None, True and False, many in a row: one call of C makes a list's items.
_PLAIN: Final = re.compile(rb"(?:K.|M..|J....|G.{8}|[N\x88\x89]){1,50000}", re.DOTALL)
_PLAIN_TYPES: Final = frozenset({int, float, bool, type(None)})
_PLAIN_WEIGHT: Final = 40  # bytes of a number in a list, about
_TEXT_INTEGER: Final = re.compile(rb"(-?[0-9]{1,20})\n")  # Python 2's of more than 32 bits
_LINE: Final = re.compile(rb"([^\n]{1,200})\n")
# The lengths of texts and bytes: by how many bytes they are written.
_TEXTS: Final = {0x58: 4, 0x8C: 1, 0x8D: 8}  # BINUNICODE, SHORT_BINUNICODE, BINUNICODE8
_BYTES: Final = {0x42: 4, 0x43: 1, 0x8E: 8, 0x54: 4, 0x55: 1}  # BINBYTES, ...; BINSTRING and its short form, Python 2's
_OLD_TEXTS: Final = (0x54, 0x55)


def read_pickle(content: bytes, room: int) -> np.ndarray:
    """Return the array that a pickle holds.

    Raises pickle.UnpicklingError for a pickle of anything else or a broken one, DataError if it would unfold to more
    than `room` bytes.
    """
    try:
        found = _Machine(content, room).run()
    except (IndexError, TypeError, ValueError, struct.error) as error:
        raise pickle.UnpicklingError(f"the pickle is broken: {error}") from error
    if not isinstance(found, Array):
        raise pickle.UnpicklingError(f"a pickle of {type(found).__name__}, not of an array")
    return found.finished()


class _Machine:
    """Follows a pickle's instructions, as the pickle module's machine does, for the few that arrays need."""

    def __init__(self, content: bytes, room: int):
        self.content, self.room = content, room
        self.place = 0  # of the next byte
        self.taken = 0  # bytes of memory, about
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []  # the stacks under each mark
        self.memo: dict[int, Any] = {}
        self.fixed: set[int] = set()  # ids of lists that were fetched from the memo, and so stand in two places
        self.weights: dict[int, tuple[Any, int]] = {}  # by id, of all that holds others, and keeps it alive

    def run(self) -> Any:
        """Return what the pickle holds."""
        while True:
            while match := _PLAIN.match(self.content, self.place):
                self._plain(match)
            code = self.content[self.place]
            self.place += 1
            if code == ord("."):
                return self.stack.pop()
            if code in _TEXTS or code in _BYTES:
                self._text_or_bytes(code)
            elif code in _INSTRUCTIONS:
                _INSTRUCTIONS[code](self)
            else:
                what = f"the instruction {bytes([code])!r} at byte {self.place - 1}"
                raise pickle.UnpicklingError(f"it has {what}, which no array of numbers needs")

    def _plain(self, match: re.Match[bytes]) -> None:
        self.place = match.end()
        values = pickle.loads(b"\x80\x02](" + match[0] + b"e.")
        self._take(_PLAIN_WEIGHT * len(values))
        self.stack += values

    def _take(self, count: int) -> None:
        """Count memory; DataError if there is no more."""
        self.taken += count
        if self.taken > self.room:
            raise DataError(f"the pickle unfolds to more than the {size(self.room)} of memory that are there")

    def _bytes(self, count: int) -> bytes:
        self.place += count
        if self.place > len(self.content):
            raise pickle.UnpicklingError("the pickle breaks off")
        return self.content[self.place - count : self.place]

    def _number(self, width: int) -> int:
        return int.from_bytes(self._bytes(width), "little")

    def _line(self, pattern: re.Pattern[bytes]) -> str:
        match = pattern.match(self.content, self.place)
        if match is None:
            raise pickle.UnpicklingError("the pickle is broken: a line without end")
        self.place = match.end()
        return match[1].decode()

    def _weight(self, value: Any) -> int:
        known = self.weights.get(id(value))
        return weight_of(value) if known is None else known[1]

    def _weights(self, values: list[Any]) -> int:
        return sum(map(self._weight, values))

    def _push(self, value: Any, weight: int) -> None:
        self._take(weight)
        self.stack.append(value)

    def _push_holder(self, value: Any, weight: int) -> None:
        """Push what holds others, which may be fetched again from the memo: then it weighs as much again."""
        self.weights[id(value)] = (value, weight)
        self._push(value, weight_of(value))

    def _marked(self) -> list[Any]:
        """Return what was pushed since the last mark."""
        values, self.stack = self.stack, self.below.pop()
        return values

    # --- instructions -------------------------------------------------------------------------------------------------

    def _text_or_bytes(self, code: int) -> None:
        data = self._bytes(self._number(_TEXTS.get(code) or _BYTES[code]))
        value: str | bytes = data
        if code in _TEXTS:
            value = data.decode("utf-8", "surrogatepass")
        elif code in _OLD_TEXTS and data.isascii():
            value = data.decode()
        self._push(value, weight_of(value))

    def skip_protocol(self) -> None:
        self._bytes(1)

    def skip_frame(self) -> None:
        self._bytes(8)

    def mark(self) -> None:
        self._take(_PLAIN_WEIGHT)
        self.below.append(self.stack)
        self.stack = []

    def pop(self) -> None:
        self.stack.pop()

    def text_integer(self) -> None:
        text = self._line(_TEXT_INTEGER)
        self._push({"00": False, "01": True}.get(text, int(text)), _PLAIN_WEIGHT)

    def long_integer(self) -> None:
        self._push(int.from_bytes(self._bytes(self._number(1)), "little", signed=True), _PLAIN_WEIGHT)

    def empty_list(self) -> None:
        self._push_holder([], weight_of([]))

    def append(self) -> None:
        self._extend([self.stack.pop()])

    def extend(self) -> None:
        self._extend(self._marked())

    def _extend(self, values: list[Any]) -> None:
        target = self.stack[-1]
        if type(target) is not list or id(target) in self.fixed:
            raise pickle.UnpicklingError("the pickle adds to what is no list, or stands in two places")
        plain = _PLAIN_TYPES.issuperset(map(type, values))
        more = _PLAIN_WEIGHT * len(values) if plain else self._weights(values)
        self.weights[id(target)] = (target, self._weight(target) + more)
        target += values if plain else map(_finished, values)

    def empty_tuple(self) -> None:
        self._push((), weight_of(()))

    def tuple_of_marked(self) -> None:
        self._tuple(self._marked())

    def tuple_of(self, count: int) -> None:
        values = self.stack[-count:]
        del self.stack[-count:]
        if len(values) < count:
            raise pickle.UnpicklingError("the pickle is broken: too few values")
        self._tuple(values)

    def _tuple(self, values: list[Any]) -> None:
        found = tuple(map(_finished, values))
        self._push_holder(found, weight_of(found) + self._weights(values))

    def name(self) -> None:
        self.stack.append(named(self._line(_LINE), self._line(_LINE)))

    def name_on_stack(self) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self.stack.append(named(module, name))

    def call(self) -> None:
        arguments, what = self.stack.pop(), self.stack.pop()
        if what is Name.RECONSTRUCT and arguments[0] is Name.ARRAY:
            self._push_holder(Array(), weight_of(0))
        elif what is Name.DTYPE:
            self._push(Dtype.called(arguments[0]), weight_of(0))
        elif what is Name.SCALAR:
            self._push(scalar(*arguments), weight_of(0))
        else:
            raise pickle.UnpicklingError("it calls what no array of numbers needs")

    def build(self) -> None:
        state, what = self.stack.pop(), self.stack[-1]
        if not isinstance(what, (Array, Dtype)) or not isinstance(state, tuple):
            raise pickle.UnpicklingError("it sets the state of what is no array")
        what.set_state(state)
        if isinstance(what, Array):
            array = what.finished()
            self._take(array.nbytes)
            # An array is found by itself or, in what holds it, by the finished one.
            self.weights[id(what)] = (what, self._weight(state))
            self.weights[id(array)] = (array, self._weight(state))

    def put(self, width: int) -> None:
        self._memoize(self._number(width))

    def put_next(self) -> None:
        self._memoize(len(self.memo))

    def _memoize(self, number: int) -> None:
        self._take(_PLAIN_WEIGHT)
        self.memo[number] = self.stack[-1]

    def get(self, width: int) -> None:
        number = self._number(width)
        if number not in self.memo:
            raise pickle.UnpicklingError(f"the pickle is broken: it has kept nothing as number {number}")
        value = self.memo[number]
        if type(value) is list:
            self.fixed.add(id(value))
        self._push(value, self._weight(value))


def _finished(value: Any) -> Any:
    return value.finished() if isinstance(value, Array) else value


_INSTRUCTIONS: Final[dict[int, Callable[[_Machine], None]]] = {
    ord(b"\x80"): _Machine.skip_protocol,
    ord(b"\x95"): _Machine.skip_frame,
    ord(b"("): _Machine.mark,
    ord(b"0"): _Machine.pop,
    ord(b"I"): _Machine.text_integer,
    ord(b"\x8a"): _Machine.long_integer,
    ord(b"]"): _Machine.empty_list,
    ord(b"a"): _Machine.append,
    ord(b"e"): _Machine.extend,
    ord(b")"): _Machine.empty_tuple,
    ord(b"t"): _Machine.tuple_of_marked,
    ord(b"\x85"): lambda machine: machine.tuple_of(1),
    ord(b"\x86"): lambda machine: machine.tuple_of(2),
    ord(b"\x87"): lambda machine: machine.tuple_of(3),
    ord(b"c"): _Machine.name,
    ord(b"\x93"): _Machine.name_on_stack,
    ord(b"R"): _Machine.call,
    ord(b"b"): _Machine.build,
    ord(b"q"): lambda machine: machine.put(1),
    ord(b"r"): lambda machine: machine.put(4),
    ord(b"\x94"): _Machine.put_next,
    ord(b"h"): lambda machine: machine.get(1),
    ord(b"j"): lambda machine: machine.get(4),
}
