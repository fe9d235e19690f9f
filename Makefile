PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PEERS  ?= .venv-bench

.PHONY: demo test lint types tests bench docs site clean

$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: $(STAMP)
	$(BIN)/python examples/demo.py

test: lint types tests

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

tests: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal

# The peers have an environment of their own, so that the tests never lean on one of them.
$(PEERS)/.installed: pyproject.toml
	test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	touch $@

bench: $(PEERS)/.installed
	$(PEERS)/bin/python -m benchmarks $(BENCH)

docs: $(STAMP)
	$(BIN)/python -m docs.generating

site: $(STAMP)
	$(BIN)/zensical build --strict

clean:
	rm -rf $(VENV) $(PEERS) runs build dist site .cache *.egg-info
