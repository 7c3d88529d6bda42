"""digests.sh writes the newest digest of each image that is named by one, and changes nothing else."""

import os
import subprocess
from pathlib import Path

from tests.house.source import ROOT

SCRIPT = ROOT / "deploy" / "compose" / "digests.sh"
OLD, NEW = ("@sha256:" + letter * 64 for letter in "ab")
FILES = {
    "Dockerfile": f"FROM python:3.13-slim{OLD} AS packages\nFROM python:3.13-slim{OLD}\n",
    "docker-compose.yml": f"a: ${{STORE_IMAGE:-redis:7.2{NEW}}}\nb: ${{X:-prom/prometheus:v3}}\n",
}


def run(folder: Path, answer: str) -> "subprocess.CompletedProcess[str]":
    for name, text in FILES.items():
        (folder / name).write_text(text)
    docker = folder / "docker"
    docker.write_text(f'#!/bin/sh\necho "$4" >>{folder}/asked\necho {answer}\n')
    docker.chmod(0o755)
    environ = {
        "PATH": os.environ["PATH"],
        "DOCKER": str(docker),
        "FILES": " ".join(str(folder / name) for name in FILES),
    }
    return subprocess.run(["/bin/sh", str(SCRIPT)], env=environ, capture_output=True, text=True, check=False)


def test_each_image_with_a_digest_gets_the_newest_one(tmp_path: Path) -> None:
    assert run(tmp_path, NEW[1:]).stdout == f"python:3.13-slim is {NEW[1:]} now\n"
    assert (tmp_path / "Dockerfile").read_text() == FILES["Dockerfile"].replace(OLD, NEW)
    assert (tmp_path / "docker-compose.yml").read_text() == FILES["docker-compose.yml"]
    assert (tmp_path / "asked").read_text().split() == ["python:3.13-slim", "redis:7.2"]


def test_an_answer_without_a_digest_changes_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, "not found")
    assert done.returncode == 1 and "has no digest" in done.stderr
    assert (tmp_path / "Dockerfile").read_text() == FILES["Dockerfile"]


def test_the_image_is_built_on_one_base_by_digest() -> None:
    bases = [line.split()[1] for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("FROM ")]
    assert len(bases) == 2 and len(set(bases)) == 1 and "@sha256:" in bases[0]
