# What a person does with this checkout. `make` alone lists it; CONTRIBUTING.md tells the rest.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/.cache/collections
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
export ANSIBLE_HOME := $(CURDIR)/.cache/ansible
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONPATH := $(CURDIR):$(CURDIR)/.cache/collections

python := .venv/bin/python
quality := $(python) -m tools.quality
port_base := $(if $(PORT_BASE),--port-base "$(PORT_BASE)")

# Any Python 3 that starts will do: it looks for the right one itself. Each is tried, because pyenv's shims exist and fail.
bootstrap := for python in python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do \
	  "$$python" -c '' 2>/dev/null && break; python=; \
	done; \
	if test -z "$$python"; then \
	  echo "holdfast.webops needs Python 3.11 or newer and found no python3 at all; on Debian or Ubuntu: sudo apt-get install python3 python3-venv" >&2; \
	  exit 1; \
	fi; \
	"$$python" -m tools.setup

.PHONY: help setup demo demo-up demo-down test lint format unit integration browser conformance sanity molecule-default molecule-hosts molecule-monitor molecule-recovery molecule-backups \
	faults bench build docs changelog packages lock clean

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv and .cache/collections from the pinned requirements (every other target does it first)
	@$(bootstrap)

demo: setup ## the whole story on this machine, under load; PORT_BASE=19000 takes other ports
	@$(python) -m tools.demo run $(port_base)

demo-up: setup ## the same environment, left running to play with
	@$(python) -m tools.demo up $(port_base)

demo-down: setup ## end what demo-up left running
	@$(python) -m tools.demo down

test: setup ## every test suite; SKIP=molecule-hosts,... leaves some out and says so at the end
	@$(bootstrap) newest
	@$(quality) test --skip "$(SKIP)"

lint: setup ## ruff, mypy, yamllint, ansible-lint, shellcheck, documentation, changelog and what Galaxy would refuse
	@$(quality) lint --skip "$(SKIP)"

format: setup ## lay the Python code out the way `make lint` wants it
	@ruff check --fix-only --quiet . && ruff format .

unit: setup ## tests without servers
	@$(quality) test unit

integration: setup ## modules against real servers
	@$(quality) test integration

browser: setup ## pages in a real headless Chromium (needs its package)
	@$(quality) test browser

conformance: setup ## the same cases against every platform, every store and the vendors' own tools
	@$(quality) test conformance

sanity: setup ## ansible-test sanity and units on the oldest and the newest ansible-core
	@$(bootstrap) newest
	@$(quality) test sanity-oldest sanity-newest units-oldest units-newest

molecule-default: setup ## the roles on this machine, without root and without containers
	@$(quality) test molecule-default

molecule-hosts: setup ## the roles on Debian containers with systemd (needs root, or sudo, for podman and debootstrap)
	@$(quality) test molecule-hosts

molecule-monitor: setup ## a host that watches a portal, and an alert that arrives (needs what molecule-hosts needs)
	@$(quality) test molecule-monitor

molecule-recovery: setup ## a database that loses a table and goes back to the moment before (needs what molecule-hosts needs)
	@$(quality) test molecule-recovery

molecule-backups: setup ## a host that backs up by the clock, loses its database and gets it back (needs what molecule-hosts needs)
	@$(quality) test molecule-backups

faults: setup ## kill -9 at every boundary and at 50 random times, cut connections, full disks, two deployers at once (about an hour)
	@pytest tests/faults tests/conformance/platform

bench: setup ## measure against what an expert would use instead; ONLY=<group> for one group
	@$(python) -m tests.bench $(if $(ONLY),--only "$(ONLY)")

build: setup ## the Galaxy artefact in build/, checked and installed into a clean tree
	@$(quality) build

docs: setup ## the documentation as a web site in build/docs
	@$(quality) docs

changelog: setup ## write CHANGELOG.md from changelogs/ for the version in galaxy.yml
	@$(python) -m tools.quality.changelog

packages: setup ## the Debian packages that molecule's containers, conformance and browser need, when missing (apt-get: as root, or through sudo)
	@$(bootstrap) packages

lock: setup ## pin the requirements anew
	@$(bootstrap) lock

clean: ## remove everything that make has made, after ending what runs there
	@for home in .demo*; do \
	  test -d "$$home" || continue; \
	  test -x $(python) || { $(bootstrap); } || exit 1; \
	  $(python) -m tools.embedded down --home "$$home" || exit 1; \
	done
	@rm -rf .venv .cache build .demo* .ansible .hypothesis tests/output
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
