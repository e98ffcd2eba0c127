"""A user's own components: from the files that a config names and the entry points of installed packages."""

from __future__ import annotations

import hashlib
import importlib.machinery
import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

from seqrun.components.base import Component, Trainer
from seqrun.config.node import Findings, Node, place
from seqrun.errors import Mark, UsageError
from seqrun.machine import opener
from seqrun.machine.device import import_tensorflow
from seqrun.machine.optional import keep_optional
from seqrun.registry import REGISTRIES, Registry, base_of

_IMPORTS_TENSORFLOW = re.compile(rb"^(import|from)\b[^#\n]*\b(keras|tensorflow)\b", re.MULTILINE)
_WORD_BORDER = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])")


class PluginError(UsageError):
    """A plugin file, or a class in it, cannot be used."""


def component_name(class_name: str) -> str:
    """Return a config's name for a plugin's class: MyModel -> my_model, GRUNet -> gru_net, Conv1D -> conv1d."""
    return _WORD_BORDER.sub("_", class_name).lower()


# --- files ------------------------------------------------------------------------------------------------------------


def with_plugins(
    registries: Mapping[str, Registry], paths: Sequence[Path], root: Node, findings: Findings
) -> dict[str, Registry]:
    """Return new registries that include the components of these files; add problems of the files to the findings."""
    registries = dict(registries)
    for number, path in enumerate(paths):
        where = ("plugins", number)
        try:
            components = list(_components(path))
        except PluginError as error:
            components = []
            findings.add(where, str(error), place(root, where))
            findings.incomplete = True
        for component in components:
            try:
                kind = _kind(component)
                registries[kind] = _with(registries[kind], component)
            except PluginError as error:
                at = f"{path.name}:{inspect.getsourcelines(component)[1]}"
                findings.add(where, f"{at}: {component.__name__} {error}", place(root, where))
                findings.incomplete = True
    return registries


def registries_with(paths: Sequence[Path]) -> dict[str, Registry]:
    """Return the installed registries with the components of these files, which are run; UsageError for a bad one."""
    findings, here = Findings(), Mark("--plugin")
    found = with_plugins(installed_registries(), paths, Node({}, here, here), findings)
    if findings.problems:
        raise UsageError("; ".join(problem.message for problem in findings.problems))
    return found


def _with(registry: Registry, component: type[Component]) -> Registry:
    name = component_name(component.__name__)
    if name in registry.names():
        known = inspect.getfile(registry.plugins[name]) if name in registry.plugins else "seqrun"
        raise PluginError(f"would be the {registry.kind} {name!r}, which {known} already has; name the class otherwise")
    return replace(registry, plugins={**registry.plugins, name: component})


def _components(path: Path) -> Iterator[type[Component]]:
    """Yield the components that a file defines, in its order; classes whose name begins with _ are private."""
    module = load_module(path)
    found = False
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Component) and value.__module__ == module.__name__:
            found = True
            if not value.__name__.startswith("_"):
                yield value
    if not found:
        bases = ", ".join(base_of(kind).__name__ for kind in REGISTRIES)
        raise PluginError(f"{path.name} defines no component: no subclass of {bases} (of seqrun.components)")


def _kind(component: type[Component]) -> str:
    """Return the kind of component that a class is; raise PluginError if it lacks what that kind needs."""
    kind = next((kind for kind in REGISTRIES if issubclass(component, base_of(kind))), None)
    if kind is None:
        raise PluginError("must be a Dataset, an Architecture, a Trainer or a Logger, not a bare Component")
    if missing := sorted(component.__abstractmethods__):
        raise PluginError(f"must define {' and '.join(f'{method}()' for method in missing)}")
    if issubclass(component, Trainer) and not any(component.steps_defined()):
        raise PluginError("must define fit(), or train() and measure()")
    base = base_of(kind)
    wanted_of_all = base.__class_vars__ - Component.__class_vars__
    for name in sorted(name for name in wanted_of_all if not hasattr(base, name)):
        if not hasattr(component, name):
            raise PluginError(f"must set the class variable {name} (see seqrun.components.{base.__name__})")
        several = (kind, name) != ("dataset", "inputs")  # a dataset's samples are of one kind
        if isinstance(getattr(component, name), str) == several:
            wanted = 'several names, such as frozenset({"..."})' if several else "one name, as text"
            raise PluginError(f"must set the class variable {name} to {wanted}")
    return kind


def load_module(path: Path) -> ModuleType:
    """Return a plugin file as a module with a name of its own; it is run again only when its content has changed.

    Raises PluginError, with the plugin's line, if running it fails.
    """
    try:
        content = opener.read_bytes(path, opener.MOST_PLUGIN)
    except OSError as error:
        raise PluginError(f"{path} cannot be read: {error.strerror}") from None
    digest = hashlib.sha256(bytes(path) + b"\0" + content).hexdigest()[:16]
    name = f"seqrun_plugin_{re.sub(r'[^0-9a-zA-Z_]', '_', path.stem)}_{digest}"
    if name in sys.modules:
        return sys.modules[name]
    loader = importlib.machinery.SourceFileLoader(name, str(path))
    spec = importlib.util.spec_from_loader(name, loader)
    if spec is None:
        raise PluginError(f"{path} cannot be loaded: it is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # pydantic looks the module up there while its classes are made
    keep_optional()
    try:
        if _IMPORTS_TENSORFLOW.search(content):
            import_tensorflow()  # quietly, before the plugin imports it
        # Compiled from what was read: no byte code of a former content, and no __pycache__ beside the user's file.
        exec(compile(content, str(path), "exec"), module.__dict__)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise PluginError(f"{path.name} cannot be loaded: {_reason(error, path)}") from error
    return module


def _reason(error: BaseException, path: Path) -> str:
    """Return what went wrong in a plugin, and in which of its lines."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f"line {error.lineno}: {error.msg}: {(error.text or '').strip()}"
    words = (str(error).splitlines() or [""])[0]
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    where = f"line {frames[-1].lineno}: " if frames else ""
    line = f" (in: {frames[-1].line})" if frames and frames[-1].line else ""
    return f"{where}{type(error).__name__}: {words}{line}"


# --- installed packages -----------------------------------------------------------------------------------------------


def installed_registries() -> dict[str, Registry]:
    """Return the shipped registries extended by the components of installed packages, which are imported only when
    used.

    A package offers a component by an entry point in the group seqrun.datasets, seqrun.architectures,
    seqrun.trainers or seqrun.loggers.
    """
    found = _entry_points(tuple(sys.path))
    return {kind: replace(registry, installed=found[kind]) for kind, registry in REGISTRIES.items()}


@cache
def _entry_points(paths: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Return kind -> name -> "module:Class"; cached by search path, as listing all installed packages takes time."""
    from importlib.metadata import entry_points

    available = entry_points()
    found: dict[str, dict[str, str]] = {}
    for kind, registry in REGISTRIES.items():
        found[kind] = {}
        for point in sorted(available.select(group=f"seqrun.{kind}s"), key=lambda point: point.name):
            clash = registry.table.get(point.name) or found[kind].get(point.name)
            if clash:
                package = point.dist.name if point.dist is not None else point.value
                raise UsageError(
                    f"the installed package {package} offers the {kind} {point.name!r}, which is {clash} already; "
                    "uninstall it, or rename its entry point"
                )
            found[kind][point.name] = f"{point.module}:{point.attr}"
    return found
