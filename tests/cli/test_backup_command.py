"""`flask ops backup` as the nightly unit runs it: an account that may read everything, though no folder says so."""

import os
from pathlib import Path

import pytest
from flask import Flask


def test_a_folder_that_a_right_of_the_process_opens_is_copied(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel's access() leaves rights of a process such as CAP_DAC_READ_SEARCH out of account and says no."""
    log = tmp_path / "appendonlydir"
    log.mkdir()
    (log / "appendonly.aof.manifest").write_text("file appendonly.aof.1.incr.aof seq 1 type i\n")
    (log / "appendonly.aof.1.incr.aof").write_text("")
    monkeypatch.setattr(os, "access", lambda *_: False)
    words = ["ops", "backup", str(tmp_path / "copy"), "--store-folder", str(tmp_path)]
    done = app.test_cli_runner().invoke(args=words)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "copy" / "appendonlydir" / "appendonly.aof.manifest").exists()
