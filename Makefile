# Signalbox: `make up` to run it, `make test` to test it. Needs Python 3.11 or newer; `make test` installs a browser.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
# Pytest workers. Tests are handed out by files, in their order: else those of few tests come last, and among them are the
# longest. Tests that start real processes (journeys) mostly wait, so more of them run beside each other,
# each test handed out by itself.
JOBS ?= 2
JOURNEY_JOBS ?= 3
# Where this is set, as in many containers, every process compiles all sources anew, and pytest rewrites 450 test modules.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: up test check format stack stack-tests stack-journeys bench chaos fuzz soak lock browser payloads event-log screenshots gallery

up: $(VENV)/.installed
	@exec $(BIN)/python manage.py up --host $(HOST) --port $(PORT)

test: $(VENV)/.installed-test browser payloads
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -q --durations=10 -m "not browser and not journey"
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -q --durations=10 -m browser || \
		{ echo "What failed has one more try, alone:"; $(BIN)/python -m pytest -q -m browser --last-failed --last-failed-no-failures none; }
	$(BIN)/python -m pytest -n $(JOURNEY_JOBS) --dist loadgroup --no-loadscope-reorder -q --durations=10 -m "journey and not browser"

check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy config audit workflows runs
	DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/python manage.py makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/python manage.py check --fail-level WARNING
	SIGNALBOX_BASE_URL=https://signalbox.example.test $(BIN)/python manage.py check --deploy --fail-level WARNING

# The tests marked `stack`, on the database and broker that the environment names. The journeys run one after the other,
# for they share the broker.
stack: stack-tests stack-journeys

stack-tests: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -q -m "stack and not journey"

stack-journeys: $(VENV)/.installed-test
	$(BIN)/python -m pytest -q --durations=10 -m "stack and journey"

# How fast it is: STACK is embedded, pg-redis, pg-rabbit, or one of the two with -bell; more by `python bench/engine.py --help`.
STACK ?= embedded
bench: $(VENV)/.installed-test
	$(BIN)/python bench/engine.py --stack $(STACK)

# Faults that really fire, at full counts: STACK=E, P or Q (all three without it), ROWS=R05,R07, SEED=7. Appends to chaos.jsonl.
chaos: $(VENV)/.installed-test
	@for stack in $(or $(filter E P Q,$(STACK)),E P Q); do \
		$(BIN)/python -m tests.chaos --stack $$stack $(if $(ROWS),--rows $(ROWS)) $(if $(SEED),--seed $(SEED)) || failed=1; \
	done; test -z "$$failed"

# Long running: MINUTES=1440 for a day, STACK=E, P or Q, SEED=7. Samples, drawing and result go to soak/.
MINUTES ?= 30
soak: $(VENV)/.installed-test
	$(BIN)/python -m tests.chaos.soak --minutes $(MINUTES) --stack $(or $(filter E P Q,$(STACK)),E) $(if $(SEED),--seed $(SEED))

# Random input at full counts, on SQLite: ROWS=R34,R39, SEED=7. Appends to fuzz.jsonl.
fuzz: $(VENV)/.installed-test
	$(BIN)/python -m tests.fuzz $(if $(ROWS),--rows $(ROWS)) $(if $(SEED),--seed $(SEED))

format: $(VENV)/.installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

browser: $(VENV)/.installed-test
	@sh .ci/install-browser

payloads:
	@sh tests/fetch_payloads.sh

# The process log that bench/replay_log.py replays (docs/findings.md).
event-log:
	@sh tests/fetch_event_log.sh

# Pictures of all pages and states, in both themes and three widths, with gallery/index.html to look through them.
gallery: $(VENV)/.installed-test browser
	$(BIN)/python -m pytest -q tests/browser/gallery.py

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
