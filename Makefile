# Every target sets itself up: `make train` and `make test` need nothing but Python 3.11 or later and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONFIG ?= configs/imdb_lstm.yaml
BENCH ?=
FUZZ ?= 10000

.PHONY: train test test-fast fuzz kills smoke lint bench clean

# One stamp a set of extras; a change of pyproject.toml installs again.
$(VENV)/.installed-%: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[$*]'
	touch $@

train: $(VENV)/.installed-samples
	$(BIN)/seqrun train $(CONFIG)

# A file is one worker's, in the order of tests/conftest.py.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test: $(VENV)/.installed-dev
	$(PYTEST)

# Without the tests that train networks or draw plots (tests/conftest.py says which those are): under a minute.
test-fast: $(VENV)/.installed-dev
	$(PYTEST) -m "not slow"

# Runs of every kind, killed at KILLS random moments and in each phase, and resumed: an hour.
KILLS ?= 40
kills: $(VENV)/.installed-dev
	KILLS=$(KILLS) $(BIN)/python -m pytest -n 0 -v tests/resume

# Ten thousand damaged files for each reader, where `make test` tries a hundred; `make fuzz FUZZ=1000` for another number.
fuzz: $(VENV)/.installed-dev
	FUZZ=$(FUZZ) $(BIN)/python -m pytest tests/fuzz -n 2

smoke: $(VENV)/.installed-samples
	$(BIN)/seqrun train configs/smoke/*.yaml --runs-dir runs/smoke

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# `make bench BENCH=--quick`, or BENCH="lstm job": see benchmarks/README.md.
bench: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks $(BENCH)

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache
