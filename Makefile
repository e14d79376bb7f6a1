# `make run` opens the program, `make test` checks all of it. Both make the environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test constraints clean

run: $(READY)
	@$(BIN)/gnc

test: $(READY)
	@.ci/checks $(BIN)

$(READY): pyproject.toml .ci/constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "gnc needs Python 3.11 or later; $(PYTHON) is older. Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@echo "Installing into $(VENV); the first time this takes a few minutes…"
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --constraint .ci/constraints.txt \
		--editable . --group dev
	@touch $(READY)

# The newest versions that pyproject.toml allows, for everybody.
constraints:
	@.ci/pin $(PYTHON)

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache gnc.egg-info
