# Signalbox: `make up` to run it, `make test` to test it. Needs Python 3.11 or newer; `make test` installs a browser.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
# Pytest workers. Browsers and real processes want the machine for themselves, so they run one after the other.
JOBS ?= 2

.PHONY: up test check format stack lock browser payloads screenshots

up: $(VENV)/.installed
	@exec $(BIN)/python manage.py up --host $(HOST) --port $(PORT)

test: $(VENV)/.installed-test browser payloads
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -q -m "not browser and not journey"
	$(BIN)/python -m pytest -q -m "browser or journey"

check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy config audit workflows runs
	DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/python manage.py makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/python manage.py check --fail-level WARNING
	SIGNALBOX_BASE_URL=https://signalbox.example.test $(BIN)/python manage.py check --deploy --fail-level WARNING

# The tests marked `stack`, on the database and broker that the environment names.
stack: $(VENV)/.installed-test
	$(BIN)/python -m pytest -q -m stack

format: $(VENV)/.installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

browser: $(VENV)/.installed-test
	@sh .ci/install-browser

payloads:
	@sh tests/fetch_payloads.sh

screenshots: $(VENV)/.installed-test browser
	$(BIN)/python docs/screenshots.py

# After a change of dependencies in pyproject.toml: pin them anew, with hashes and without addresses.
lock: $(VENV)/.installed-test
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --strip-extras --allow-unsafe -o requirements.txt pyproject.toml
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --strip-extras --allow-unsafe --extra test -o requirements-test.txt pyproject.toml

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Signalbox needs Python 3.11 or newer.") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-test: requirements-test.txt requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.txt
	@touch $@ $(VENV)/.installed
