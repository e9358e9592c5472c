"""What gets checked, as data: the suites of `make test`, `make lint` and their parts."""

from __future__ import annotations

import dataclasses
import typing as t

from tools.setup.steps import ROOT

PLUGINS = "ansible_collections/holdfast/webops/plugins"
# A suite of its own, so that the rest does without the package that it needs.
IN_A_BROWSER = ("tests/integration/health/test_web_vitals.py", "tests/integration/test_pages_in_a_browser.py")


@dataclasses.dataclass(frozen=True)
class Suite:
    """Commands that run one after the other until one fails.

    `cwd` is relative to the checkout. `counts`: pytest writes a report. `needs_newest`: it runs in .cache/venv-newest, for
    which this machine may have no Python. The Debian packages that a suite needs stand in tools/setup/packages.py, by its name.
    """

    name: str
    commands: tuple[tuple[str, ...], ...]
    cwd: str = "."
    counts: bool = False
    needs_newest: bool = False


def _pytest(name: str, *words: str) -> Suite:
    return Suite(name, (("pytest", *words),), counts=True)


def _python(name: str, *words: str, needs_newest: bool = False) -> Suite:
    return Suite(name, (("python", "-m", *words),), needs_newest=needs_newest)


def _portal_releases() -> tuple[tuple[str, ...], ...]:
    """Each release of the example portal is the earlier ones with its own files laid over them."""
    folders = sorted((ROOT / "examples" / "portal" / "releases").iterdir(), reverse=True)
    layers = (":".join(map(str, folders[start:])) for start in range(len(folders)))
    return tuple(("env", f"MYPYPATH={path}", "mypy", "--package", "portal") for path in layers)


# The longest come first: two run at a time.
TEST: t.Final = (
    # Two workers: half of its time it waits for servers that start and stop. A file stays with one of them.
    _pytest("integration", "tests/integration", *(f"--ignore={path}" for path in IN_A_BROWSER), "--numprocesses=2", "--dist=loadfile"),
    _python("molecule-hosts", "tools.quality.scenario", "hosts"),
    _python("molecule-monitor", "tools.quality.scenario", "monitor"),
    _python("molecule-recovery", "tools.quality.scenario", "recovery"),
    _python("molecule-backups", "tools.quality.scenario", "backups"),
    _python("sanity-oldest", "tools.quality.ansible_test", "sanity", "oldest"),
    _python("sanity-newest", "tools.quality.ansible_test", "sanity", "newest", needs_newest=True),
    _pytest("faults", "tests/faults", "-m", "not nightly"),
    _pytest("conformance", "tests/conformance", "-m", "not nightly"),
    _python("molecule-default", "tools.quality.scenario", "default"),
    _python("units-oldest", "tools.quality.ansible_test", "units", "oldest"),
    _python("units-newest", "tools.quality.ansible_test", "units", "newest", needs_newest=True),
    _pytest("unit", "tests/unit"),
    _pytest("browser", *IN_A_BROWSER),
)

LINT: t.Final = (
    Suite(
        "mypy",
        (
            ("mypy", "tools", "tests", "molecule", *(f"examples/{portal}/build.py" for portal in ("portal", "cleanstation", "vz_portal"))),
            *_portal_releases(),
        ),
    ),
    # With a cache of its own: two that fill one cache at the same time crash each other.
    Suite(
        "mypy-plugins",
        (("mypy", "--config-file", "../../pyproject.toml", "--cache-dir", "../mypy-plugins", PLUGINS),),
        cwd=".cache/collections",
    ),
    Suite("ansible-lint", (("ansible-lint", "--offline", "--profile", "production", "--nocolor"),)),
    Suite("ruff", (("ruff", "check", "."), ("ruff", "format", "--check", "."))),
    Suite("yamllint", (("yamllint", "--strict", "."),)),
    _python("shellcheck", "tools.quality.shell_scripts"),
    Suite(
        "documentation",
        (
            ("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs", "self", "."),
            ("python", "-m", "tools.quality.links"),
        ),
    ),
    Suite("changelog", (("antsibull-changelog", "lint"),)),
    _python("galaxy", "tools.quality.artefact", "check"),
)


class UnknownSuiteError(Exception):
    """A name that is no suite's; the text lists what there is."""


def choose(suites: t.Sequence[Suite], only: t.Collection[str], skip: t.Collection[str]) -> list[Suite]:
    """The suites to run, in their order."""
    known = [suite.name for suite in suites]
    for name in (*only, *skip):
        if name not in known:
            raise UnknownSuiteError(f"there is no suite {name}; there are {', '.join(known)}")
    return [suite for suite in suites if suite.name not in skip and (not only or suite.name in only)]
