"""Runs of every family, each served in this process when the first test asks for it."""

from __future__ import annotations

from functools import cache

import pytest


@pytest.fixture(scope="session")
def served(trained):
    """served("tagger"): that run, ready to answer, as a Client of serving/client.py."""
    pytest.importorskip("starlette", reason="the extra `serve` is not installed")
    from serving.client import served_in_process

    return cache(lambda family: served_in_process(trained(family)))
