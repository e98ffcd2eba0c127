"""Damaged configs and settings: `seqrun validate` says what is wrong, within a second and 500 MB, and nothing else."""

from __future__ import annotations

import json
import resource
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from commands import SMOKE
from fuzz.counts import examples
from fuzz.mutate import mutated

from seqrun.cli import main

SECONDS = 1.0  # of processor time: what others do on the machine does not count
KILOBYTES = 500_000
SETTINGS_SHARE = 0.4  # as many of 10,000 configs are 4,000 settings
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 10**90, 1e-300, 1e300, float("nan"), float("inf"), -0.0),
    *("", " ", "x", "0", "null", "a\0b", "\x1b[2J", "\u202e", "é" * 50, "y" * 300, "z" * 5000, "9" * 5000, "."),
    *("${", "${}", "${dataset}", "${dataset.name}", "${a.b}", "${env:HOME}", "${env:}", "$${x}", "${sweep.a}"),
    *("..", "/", "/dev/null", "~", "~nobody/x", "-", "--", "lstm", "text", "adam", "2016-13-45", "1e9", "*a", "&a 1"),
    *([], {}, [[]], [{}], {"": 1}, {"name": None}, {"name": "x"}, [None] * 1000, list(range(3000)), {"0": 1}),
    *({"a": ["${sweep.b}"], "b": ["${sweep.a}"]}, {f"k{number}": number for number in range(2000)}),
)
KEYS = ("", "name", "path", "units", "0", "-1", "9" * 30, "a.b", "\x1b[1m", "__class__", "<<", "k" * 3000, "données")
DEEP = 70


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A copy of the smoke configs and their data, where a damaged one finds what it names."""
    return Path(shutil.copytree(SMOKE, tmp_path_factory.mktemp("fuzz") / "smoke"))


@pytest.fixture(scope="module")
def sources() -> list[bytes]:
    """The shipped configs, smoke ones twice: these have data to look at."""
    return [path.read_bytes() for path in [*SMOKE.parent.glob("*.yaml"), *SMOKE.glob("*.yaml"), *SMOKE.glob("*.yaml")]]


def check(*arguments: str) -> int:
    """Return the exit code of `seqrun validate`; fail if it is not a clear answer, soon and with little memory."""
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    ended = CliRunner().invoke(main, ["validate", *arguments])
    seconds = time.process_time() - began
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert ended.exit_code in (0, 2, 4), ended.stderr[-2000:]
    assert seconds < SECONDS, f"{seconds:.1f} s"
    assert grown < KILOBYTES, f"{grown} kB"
    odd = {each for each in ended.output if not (each.isprintable() or each in "\n\t")}
    assert not {each for each in odd if ord(each) < 0xA0 or each == "\u202e"}
    return ended.exit_code


def nodes(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every (container, key) below a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from nodes(item)


def restructured(config: Any, random: Random) -> Any:
    """Return the config with one to five changes of its structure."""
    for _ in range(random.choice((1, 1, 1, 2, 5))):
        places = [*nodes(config)]
        if not places:
            return random.choice(VALUES)
        holder, key = random.choice(places)
        change = random.choice(("value", "value", "value", "key", "drop", "deep", "swap", "wrap"))
        if change == "key" and isinstance(holder, dict):
            name = random.choice([*KEYS, *(str(other) for _, other in places), str(key)[:-1], f"{key}s"])
            holder[name] = holder.pop(key)
        elif change == "drop":
            del holder[key]
        elif change == "deep":
            for _ in range(random.choice((3, DEEP))):
                holder[key] = random.choice(({"name": holder[key]}, [holder[key]]))
        elif change == "swap":
            other, at = random.choice(places)
            holder[key] = json.loads(json.dumps(other[at]))
        elif change == "wrap":
            holder[key] = [holder[key], {"name": key}]
        else:
            holder[key] = json.loads(json.dumps(random.choice(VALUES)))
        config = json.loads(json.dumps(config))
    return config


def as_yaml(config: Any, random: Random) -> bytes:
    """Return the config as JSON, which is YAML; or as YAML's own writing of it."""
    written = json.dumps(config, ensure_ascii=False) if random.random() < 0.5 else yaml.safe_dump(config)
    return written.encode()


def test_configs(folder, sources):
    """Half are changed by their structure, half byte by byte."""
    codes = []
    for seed in range(examples()):
        random = Random(seed)
        source = random.choice(sources)
        byte_by_byte = seed % 2
        changed = (
            mutated(source, random) if byte_by_byte else as_yaml(restructured(yaml.safe_load(source), random), random)
        )
        (folder / "damaged.yaml").write_bytes(changed)
        codes.append(check(str(folder / "damaged.yaml")))
    assert codes.count(2) > len(codes) / 2  # most damage is noticed


def test_settings(folder, sources):
    """Keys that exist, changed or not, with values of all kinds."""
    configs = sorted(folder.glob("*.yaml"))
    for seed in range(round(examples() * SETTINGS_SHARE)):
        random = Random(seed)
        config = random.choice([each for each in configs if each.name != "damaged.yaml"])
        settings = [random_setting(yaml.safe_load(config.read_bytes()), random) for _ in range(random.randint(1, 3))]
        check(str(config), *(part for setting in settings for part in ("--set", setting)))


def random_setting(config: Any, random: Random) -> str:
    """Return what may follow `--set`."""
    path: list[str] = []
    value = config
    while isinstance(value, dict) and value and random.random() < 0.8:
        path.append(random.choice([*value]))
        value = value[path[-1]]
    path += random.choice(([], [], [random.choice(KEYS)], ["a"] * 500, ["0"], ["name"]))
    key = ".".join(path)
    written = json.dumps(random.choice(VALUES), ensure_ascii=random.random() < 0.5)
    setting = random.choice((f"{key}={written}", f"{key}={written}", f"~{key}", key, f"{key}={random.choice(VALUES)}"))
    if random.random() < 0.3:
        setting = mutated(setting.encode(errors="replace"), random).decode(errors="surrogateescape")
    return setting
