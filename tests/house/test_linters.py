"""Linters find nothing in image, containers, workflows, shell scripts and nginx.conf, and each of them sees a fault."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

from lab import linters
from tests.house.source import ROOT
from tests.house.test_requirements import APART, PAIRS, normal, pinned, wanted

ALLOWED = {
    "Apache Software License", "Apache-2.0", "BSD License", "BSD-2-Clause", "BSD-3-Clause", "ISC",
    "MIT", "MIT License", "MIT-0", "MIT-CMU", "MPL-2.0", "Mozilla Public License 2.0 (MPL 2.0)", "PSF-2.0",
    "Python Software Foundation License", "The Unlicense (Unlicense)", "ZPL-2.1",
}  # fmt: skip
"""Licences under which we may ship a package beside our own code, as packages spell them."""
SAYS_NONE = {"pyrage": "MIT, by the licence file in the package; its metadata has no word about it"}
"""Packages whose metadata names no licence: the licence, and where it is said."""
SHIPPED = pinned(ROOT / "requirements.txt")
FAULTS = {
    "hadolint": "FROM python\nRUN cd /tmp\n",
    "shellcheck": "#!/bin/sh\nrm $1/*\n",
    "zizmor": "on: pull_request_target\njobs: {a: {runs-on: x, steps: [{run: 'echo ${{ github.head_ref }}'}]}}\n",
    "check-jsonschema": "services: {web: {imagine: x}}\n",
}


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    if not (linters.BIN / "zizmor").exists():
        if os.environ.get("CI") == "true":
            pytest.fail(linters.MISSING)
        pytest.skip(linters.MISSING)


def test_the_linters_find_nothing() -> None:
    found = linters.findings()
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", FAULTS)
def test_a_linter_sees_a_fault(name: str, tmp_path: Path) -> None:
    file = tmp_path / "fault.yml"
    file.write_text(FAULTS[name])
    [command] = [words for words in linters.commands() if words[0] == name and "vendor.github-workflows" not in words]
    options = [word for word in command[1:] if not (ROOT / word).exists()]
    done = subprocess.run([str(linters.BIN / name), *options, str(file)], capture_output=True, text=True, check=False)
    assert done.returncode, "it ends well with a fault"


def test_a_fault_in_nginx_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy", ignore=shutil.ignore_patterns("secrets", "tls"))
    text = (ROOT / "nginx.conf").read_text(encoding="utf-8")
    (tmp_path / "nginx.conf").write_text(
        text.replace("location = /metrics {", "location /old { return 302 $uri; }\nlocation = /metrics {")
    )
    monkeypatch.setattr(linters, "ROOT", tmp_path)
    assert "http_splitting" in linters.findings_in_nginx("host")


def licences(name: str) -> set[str]:
    """The licences of an installed package by its metadata. Raises PackageNotFoundError."""
    facts = metadata(name)
    listed = [each.split(" :: ")[-1] for each in facts.get_all("Classifier") or [] if each.startswith("License ::")]
    said = facts.get("License-Expression") or " AND ".join(listed) or facts.get("License") or ""
    return set(re.split(r" AND | OR ", said)) - {""}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_package_has_a_licence_that_we_may_ship(name: str) -> None:
    try:
        found = licences(name)
    except PackageNotFoundError:
        assert ";" in SHIPPED[name], f"{name} is not installed"
        return
    assert (found and found <= ALLOWED) or name in SAYS_NONE, f"{name}: {sorted(found)}"


def sources(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Package → what wants it, as the lock says."""
    for entry in re.split(r"^(?=[A-Za-z0-9])", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        wants = re.findall(r"^ +# +(?:via )? *(-[rc] \S+|[\w.-]+)$", entry, re.MULTILINE)
        yield normal(re.split(r"[=\[ ;]", entry)[0]), [each for each in wants if each != "via"]


@pytest.mark.parametrize(("loose", "fixed"), [*PAIRS, *APART])
def test_a_lock_holds_what_somebody_wants_and_nothing_that_was_dropped(loose: str, fixed: str) -> None:
    """`make lock` needs the network; this shows without it that somebody forgot to run it."""
    named, locked = wanted(ROOT / loose), dict(sources(ROOT / fixed))
    assert locked.keys() == pinned(ROOT / fixed).keys()
    asked = {name for name, wants in locked.items() if f"-r {loose}" in wants}
    assert asked == named, f"{fixed} is not made from {loose}: make lock"
    for name, wants in locked.items():
        others = {normal(each) for each in wants if not each.startswith("-")}
        assert others <= locked.keys() and (others or name in asked), name
