"""Files with long tests run first, so that processes side by side end at about the same time."""

import subprocess
import sys
from pathlib import Path

from tests.fixtures.order import LONGEST_FIRST
from tests.house.source import ROOT


def test_files_run_by_their_folders_the_longest_first(tmp_path: Path) -> None:
    folders = ["contract", "storm", "unit", "web"]
    for folder in folders:
        (tmp_path / "tests" / folder).mkdir(parents=True)
        (tmp_path / "tests" / folder / f"test_{folder}.py").write_text("def test_b(): pass\ndef test_a(): pass\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.fixtures.order", "-p", "no:cacheprovider", "-q"]
    command += ["--collect-only", "-c", str(tmp_path / "pytest.ini"), f"--rootdir={tmp_path}", str(tmp_path / "tests")]
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    found = [line.split("/")[1:] for line in done.stdout.splitlines() if "::" in line]
    assert [folder for folder, _ in found[::2]] == ["storm", "web", "contract", "unit"]
    assert [test.partition("::")[2] for _, test in found] == ["test_b", "test_a"] * len(folders)


def test_every_folder_that_is_named_is_there() -> None:
    assert all((ROOT / "tests" / folder).is_dir() for folder in LONGEST_FIRST)
