PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.run
DEV_STAMP := $(VENV)/.dev
# One BLAS thread: sentence vectors are small, more threads only wait for each other.
export OPENBLAS_NUM_THREADS := 1

.PHONY: run test check train bench torture venv dev clean

run: venv
	@exec $(BIN)/passerelle run

venv: $(RUN_STAMP)
dev: $(DEV_STAMP)

$(RUN_STAMP): requirements/run.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Passerelle demande Python 3.11 ou plus récent (make run PYTHON=python3.12)." >&2; rm -rf $(VENV); exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_STAMP): $(RUN_STAMP) requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

check: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/passerelle knowledge check
	$(BIN)/pytest tests/test_architecture.py tests/test_texts.py

test: check
	$(BIN)/pytest -n auto -m "not torture"

torture: dev
	$(BIN)/pytest -m torture

train: dev
	$(BIN)/python -m knowledge.training tests/questions/autres-mains.csv tests/questions/encore-dautres.csv tests/questions/langues.csv

bench: dev
	$(BIN)/python -m bench

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache *.egg-info
