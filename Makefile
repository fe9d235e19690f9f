PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
DEMO   := $(VENV)/.installed-demo
PINS   := $(if $(LOCKED),--constraint requirements-dev.lock)  # make LOCKED=1 test: the versions of the lock file
PEERS  ?= .venv-bench

.PHONY: demo test lint types tests bench lock docs site clean

$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]' $(PINS)
	touch $@ $(DEMO)

$(DEMO): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[tensorflow,report]' $(PINS)
	touch $@

demo: $(DEMO)
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

# The newest versions that pyproject.toml allows, for every supported Python and platform; then their licences.
lock: $(STAMP)
	$(BIN)/uv pip compile --quiet --universal --upgrade --extra dev --no-emit-index-url --no-annotate \
	    --python-version 3.11 --custom-compile-command 'make lock' --output-file requirements-dev.lock pyproject.toml
	$(BIN)/python -m docs.generating.licences

docs: $(STAMP)
	$(BIN)/python -m docs.generating

site: $(STAMP)
	$(BIN)/zensical build --strict

clean:
	rm -rf $(VENV) $(PEERS) runs build dist site .cache *.egg-info
