"""What a shipped config is for, and its text as a file in the user's own folder."""

from __future__ import annotations

import re
from itertools import dropwhile, takewhile
from pathlib import Path

from seqrun.config.extends import read_chain
from seqrun.config.node import Findings, plain
from seqrun.config.scalars import write_yaml
from seqrun.machine import opener


def purpose(config: Path) -> str:
    """Return what a config is for: the first words of its opening comment, up to a full stop, colon or semicolon."""
    first, *more = _opening_comment(opener.read_text(config))
    paragraph = " ".join(takewhile(bool, dropwhile(lambda line: not line, more)))
    return re.split(r"[.:;](?= |$)", paragraph)[0] or first.partition("      ")[2].strip()


def standalone(config: Path, file_name: str) -> str:
    """Return a config's text for a file elsewhere, with what it extends merged in and its comments naming that file."""
    text = opener.read_text(config)
    comment = _opening_comment(text)
    if any(line.startswith("extends:") for line in text.splitlines()):
        text = "".join(f"# {line}".rstrip() + "\n" for line in comment)
        text += write_yaml(plain(read_chain(config, str(config), Findings())))
    command = rf"(seqrun \w+) (configs/)?{re.escape(config.name)}\b"
    return re.sub(command, lambda found: f"{found[1]} {file_name}", text)


def _opening_comment(text: str) -> list[str]:
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").strip())
    return lines or [""]
