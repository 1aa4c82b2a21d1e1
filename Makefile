# `make demo` and `make test` need only Python 3.11 or newer, git and make.
PYTHON ?= python3
PORT ?= 8000
DEMO = instance/demo
RUN = .venv/bin/python -m
SERVE = .venv/bin/granian --interface wsgi --host 127.0.0.1 --port $(PORT) --no-ws --blocking-threads 128 wsgi:app

.PHONY: demo test soak check bench schema translations lock clean

.venv/.runtime: requirements.txt
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	$(RUN) pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

.venv/.development: requirements-dev.txt .venv/.runtime
	$(RUN) pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

demo: .venv/.runtime
	@RISKAPP_INSTANCE=$(DEMO) RISKAPP_BASE_URL=http://127.0.0.1:$(PORT) \
	RISKAPP_ORGANISATION="Harbour Bank" RISKAPP_CONTACT="vendor.security@harbour.example" \
	sh -c '.venv/bin/flask --app wsgi riskapp demo && exec $(SERVE)'

# In memory where there is such a folder: waiting for the disk would be most of the time. What has
# to survive on a disk is killed, filled and cut off in the soak. Compiled modules are kept, whatever
# the machine says otherwise: the tests start some hundred processes.
test: .venv/.development
	PYTHONDONTWRITEBYTECODE= PYTEST_DEBUG_TEMPROOT=$$(test -w /dev/shm && echo /dev/shm || echo /tmp) \
	$(RUN) pytest -m "not soak" -n 2 --dist worksteal

soak: .venv/.development
	$(RUN) pytest -m soak --timeout 1800

check: .venv/.development
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/flask --app wsgi riskapp questionnaires check

bench: .venv/.development
	$(RUN) bench

# What editors know of questionnaire files, made of the models and of docs/questionnaires.md.
schema: .venv/.runtime
	$(RUN) riskapp.catalogue.schema

# Our own words in other languages: finds new ones, then fill in riskapp/translations and run it again.
TRANSLATIONS = riskapp/translations
translations: .venv/.development
	.venv/bin/pybabel -q extract -F $(TRANSLATIONS)/extract.cfg -k say -k Sentence -k counted:1,2 \
		--add-location file --sort-by-file --project riskapp -o .venv/messages.pot riskapp
	.venv/bin/pybabel -q update -N --ignore-obsolete --ignore-pot-creation-date -w 100 \
		-i .venv/messages.pot -d $(TRANSLATIONS)
	.venv/bin/pybabel -q compile -d $(TRANSLATIONS)

lock:
	$(RUN) pip install --quiet uv
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url requirements.in -o requirements.txt
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf .venv $(DEMO) .mypy_cache .ruff_cache .import_linter_cache .hypothesis
