"""A plugin with a network that is only named, never built."""

from __future__ import annotations

NET = '''
from seqrun.components import Architecture

class MyNet(Architecture):
    """My own network."""

    inputs = frozenset({"tokens"})
    tasks = frozenset({"classification"})
    units: int = 5

    def build(self, spec):
        raise NotImplementedError
'''
