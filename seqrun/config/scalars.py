"""Plain YAML scalars by the core schema of YAML 1.2: `1e-3` is a number, `no` and `2020-01-01` are text.

Source: https://yaml.org/spec/1.2.2/#103-core-schema
"""

from __future__ import annotations

import re
from typing import Any

import yaml

_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
MOST_DIGITS = 100  # of a whole number; all that are shorter can be made a float


def read_scalar(text: str) -> Any:
    """Return the value of an unquoted scalar; raise ValueError for a whole number with too many digits."""
    if text in _WORDS:
        return _WORDS[text]
    if _DECIMAL.fullmatch(text):
        return _whole(text, text, 10)
    if _OCTAL.fullmatch(text):
        return _whole(text, text[2:], 8)
    if _HEXADECIMAL.fullmatch(text):
        return _whole(text, text[2:], 16)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _SPECIAL.fullmatch(text):
        return float(text.replace(".", ""))
    return text


def _whole(text: str, digits: str, base: int) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a whole number of {len(digits):,} digits is too long: at most {MOST_DIGITS} are read")
    return int(digits, base)


class _Dumper(yaml.SafeDumper):
    """Also quotes text that YAML 1.2 would read as something else; PyYAML itself (YAML 1.1) quotes the rest."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    # Line breaks that are not ASCII survive in double quotes alone, where they are escaped.
    style = '"' if re.search("[\x85\u2028\u2029]", text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _represent_text)
# PyYAML looks a resolver up by the scalar's first character.
_Dumper.add_implicit_resolver("tag:yaml.org,2002:int", _OCTAL, list("0"))
_Dumper.add_implicit_resolver("tag:yaml.org,2002:int", _DECIMAL, list("-+0123456789"))
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))


def write_yaml(data: Any) -> str:
    """Return plain data as YAML that reads back, by the rules of `read_scalar`, as the same data."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False)
