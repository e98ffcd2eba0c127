"""Nothing is read but through the one opener: no module opens a path by other means.

What takes a path or an opened file (ZipFile, read_csv) is given what `seqrun.machine.opener` has opened.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import seqrun

PACKAGE = Path(seqrun.__file__).parent
OPENER = "machine/opener.py"
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / OPENER]

PATHS_ALONE = ("read_text", "read_bytes", "copyfile", "copy2", "copytree", "shutil.copy", "get_data")
EITHER = (
    *("ZipFile", "ParquetFile", "File", "TextIOWrapper", "input_stream", "memory_map", "read_schema", "fromfile"),
    *("loadtxt", "genfromtxt", "memmap", "read_csv", "read_parquet", "read_json", "read_excel", "load_weights"),
    *("load_model", "np.load", "numpy.load", "joblib.load"),
)
OPENERS = ("open_file", "open_unpacked", "BytesIO", "StringIO")
WRITING = frozenset("wxa")
# What is right, and does not look so: file -> the calls.
EXCEPTIONS = {
    "datasets/files/opening.py": {"gzip.open", "bz2.open", "lzma.open", "pyarrow.input_stream", "zipfile.ZipFile"},
    "datasets/shared/parsing.py": {"pd.read_csv"},  # of text that was read
    "inference/weights.py": {"model.load_weights"},  # of what was looked through before, for Keras takes no opened file
    "inference/saved.py": {"load_weights"},  # those of weights.py
    "cli/show.py": {"read_json"},  # that of rundir/json_files.py
    "rundir/reading.py": {"read_json"},
    "comparing/checking/measured.py": {"read_json"},
    "comparing/diffing/samples.py": {"read_json"},
    "comparing/report/looks.py": {"read_json"},
    "comparing/report/single.py": {"read_json"},
    "rundir/tags.py": {"read_json"},
    "rundir/evaluations.py": {"read_json"},
    "serving/server.py": {"gate.open"},  # no file
    "running/loggers.py": {"self.logger.open"},  # which begins a log
    "export/exporting.py": {"shutil.copy"},  # of a file of the package
    "export/reference.py": {"np.load"},  # of what was written just now, here and below
    "export/loaded.py": {"np.load"},
    "export/run_exported.py": {"np.load", "keras.models.load_model", "(folder / 'texts.json').read_text"},
    "export/read_input.py": {"Path(path).read_text"},  # travels with an export, and works without seqrun
    "datasets/files/parts.py": {"path.open"},  # a file of its own, to lock it
    "machine/streams.py": {"os.open"},  # of the null device
    "rundir/presence.py": {"os.open"},  # of a folder
    "rundir/atomic.py": {"inside.open", "os.open"},  # to sync what was written
}


def called(node: ast.Call) -> tuple[str, str]:
    """What is called: its last name, and all of it as it is written."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name, ast.unparse(node.func)


def opened_names(tree: ast.AST) -> set[str]:
    """The names that a module's `with` statements give to files which the opener has opened."""
    items = [item for node in ast.walk(tree) if isinstance(node, ast.With) for item in node.items]
    return {
        item.optional_vars.id
        for item in items
        if isinstance(item.optional_vars, ast.Name)
        and isinstance(item.context_expr, ast.Call)
        and called(item.context_expr)[0] in OPENERS
    }


def mode_of(node: ast.Call, place: int) -> str:
    named = [keyword.value for keyword in node.keywords if keyword.arg == "mode"]
    given = (node.args[place : place + 1] + named + [ast.Constant("r")])[0]
    return " ".join(part.value for part in ast.walk(given) if isinstance(part, ast.Constant))


def reads_otherwise(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    opened = opened_names(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name, whole = called(node)
        first = node.args[0] if node.args else None
        given = (isinstance(first, ast.Name) and first.id in opened) or (
            isinstance(first, ast.Call) and called(first)[0] in OPENERS
        )
        if whole == "RunDirectory.open":
            found = False
        elif whole == "open" or (name == "open" and not given and "archive." not in whole and "opened." not in whole):
            found = not WRITING & set(mode_of(node, 1 if whole == "open" else 0))
        elif name in PATHS_ALONE or whole in PATHS_ALONE:
            found = not (whole.startswith(("opener.", "opening.")) or whole == name)  # a function of theirs
        else:
            found = (name in EITHER or whole in EITHER) and not given and not WRITING & set(mode_of(node, 1))
        if found and whole not in EXCEPTIONS.get(path.relative_to(PACKAGE).as_posix(), ()):
            yield f"{path}:{node.lineno}: {whole}"


def test_nothing_is_read_but_through_the_opener():
    assert len(MODULES) > 100
    assert [told for path in MODULES for told in reads_otherwise(path)] == []


@pytest.mark.parametrize(
    "line",
    [
        "open('x')",
        "path.open()",
        "path.open('rb')",
        "path.read_text()",
        "path.read_bytes()",
        "os.open(path, flags)",
        "zipfile.ZipFile(path)",
        "np.load(path)",
        "pd.read_csv(path)",
        "pyarrow.parquet.ParquetFile(path)",
        "h5py.File(path)",
        "shutil.copyfile(path, other)",
        "gzip.open(path)",
    ],
)
def test_other_ways_are_noticed(tmp_path, monkeypatch, line):
    monkeypatch.setattr(f"{__name__}.PACKAGE", tmp_path)
    module = tmp_path / "module.py"
    module.write_text(line)
    assert len([*reads_otherwise(module)]) == 1
