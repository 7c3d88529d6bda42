"""`python -m lab.linters`: what `make lint` checks besides Python, by the linters of requirements-lint.txt.

Prints what they find, and ends with 1 when one of them found anything. Rules that are switched off stand here with the
reason, or as a comment at the line in question.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "lint" / "bin"
MISSING = "the linters are not installed: make lint"
WAYS = ("compose", "host", "local")
"""Folders of deploy/ that each make a whole configuration of nginx together with nginx.conf and deploy/front."""

NGINX_OFF = {
    "http2_misdirected_request": "whoever asks for another name gets no answer at all (444), not even 421",
    "missing_resolver": "$service is one of our upstreams by name, and no host that would be looked up",
}


def shell_scripts() -> list[str]:
    """Every shell script of the repository, from its root. Those that others read say so in their first line."""
    return [".ci/run", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "deploy").rglob("*.sh"))]


def workflows() -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / ".github" / "workflows").glob("*.yml"))


def commands() -> Iterator[list[str]]:
    """Each linter with what it reads."""
    yield ["hadolint", "Dockerfile"]
    yield ["shellcheck", "--external-sources", *shell_scripts()]
    yield ["zizmor", "--offline", "--quiet", "--no-progress", *workflows()]
    yield ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows()]
    files = ["docker-compose.yml", "deploy/compose/mariadb.yml"]
    yield ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", *files]


def lay_out(way: str, folder: Path) -> Path:
    """Path of nginx.conf in `folder`, beside all files that it includes in this way of running."""
    shutil.copy(ROOT / "nginx.conf", folder)
    shutil.copytree(ROOT / "deploy" / "front", folder / "front")
    # The name of the site, which compose makes itself, is that of plain servers; what a way has of its own comes last.
    for path in (*(ROOT / "deploy" / "host").glob("*.conf"), *(ROOT / "deploy" / way).glob("*.conf")):
        shutil.copy(path, folder)
    return folder / "nginx.conf"


def findings_in_nginx(way: str) -> str:
    """What gixy finds in one way of running nginx, empty when nothing."""
    with tempfile.TemporaryDirectory() as name:
        command = [str(BIN / "gixy"), "--skips", ",".join(NGINX_OFF), str(lay_out(way, Path(name)))]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    text = done.stdout + done.stderr
    # It ends with 0 when a file that is included is not there.
    return "" if done.returncode == 0 and "File not found" not in text else f"nginx for deploy/{way}:\n{text}"


def findings() -> list[str]:
    """What the linters find, a text for each that found anything. Raises FileNotFoundError when one is missing."""
    found = []
    for name, *words in commands():
        done = subprocess.run([str(BIN / name), *words], cwd=ROOT, capture_output=True, text=True, check=False)
        found += [f"{name}:\n{done.stdout}{done.stderr}"] if done.returncode else []
    return found + [text for text in map(findings_in_nginx, WAYS) if text]


if __name__ == "__main__":
    faults = findings()
    sys.stdout.write("\n".join(faults))
    sys.exit(bool(faults))
