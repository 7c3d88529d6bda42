"""The copy of a live store's log is all of it, or is told to be none."""

import os
from pathlib import Path
from typing import Any

import pytest

from cashticket.work.backup.parts import NewParts, SavedParts
from cashticket.work.backup.store_log import LOG_FOLDER, NoStoreLog, copy_log, log_put

STORE = 12_345
"""The number of an account."""
BASE = "file appendonly.aof.1.base.rdb seq 1 type b\n"
LOG = "file appendonly.aof.1.incr.aof seq 1 type i\n"


def log_with(folder: Path, manifest: str) -> Path:
    log = folder / LOG_FOLDER
    log.mkdir()
    for name in ("appendonly.aof.1.base.rdb", "appendonly.aof.1.incr.aof", "all bids.aof.1.incr.aof"):
        (log / name).write_bytes(b"bids")
    (log / "appendonly.aof.manifest").write_text(manifest)
    return folder


@pytest.mark.parametrize(
    "row", ["", 'file "all bids.aof.1.incr.aof" seq 1 type i\n', "seq 1 file appendonly.aof.1.incr.aof type i\n"]
)
def test_a_file_of_the_log_that_is_not_read_is_told_and_not_left_out(tmp_path: Path, row: str) -> None:
    folder = log_with(tmp_path, BASE + row if row else "")
    with pytest.raises(NoStoreLog, match="names a file in a way that is not read here: set appendfilename"):
        copy_log("first", folder, NewParts(tmp_path / "copy", ()))


def test_files_that_the_store_has_replaced_are_not_copied(tmp_path: Path) -> None:
    folder = log_with(tmp_path, f"{BASE}file appendonly.aof.0.incr.aof seq 0 type h\n{LOG}")
    assert copy_log("first", folder, NewParts(tmp_path / "copy", ())) > 8
    copied = {path.name for path in (tmp_path / "copy" / LOG_FOLDER).iterdir()}
    assert copied == {"appendonly.aof.1.base.rdb", "appendonly.aof.1.incr.aof", "appendonly.aof.manifest"}


def test_one_node_of_a_cluster_is_not_taken_for_the_live_store(tmp_path: Path) -> None:
    folder = log_with(tmp_path, BASE + LOG)
    (folder / "nodes.conf").write_text("")
    with pytest.raises(NoStoreLog, match="is of one node of a cluster"):
        copy_log("first", folder, NewParts(tmp_path / "copy", ()))


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files away as root")
def test_a_log_becomes_the_store_s_own_and_no_other_file_that_took_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = NewParts(tmp_path / "copy", ())
    copy_log("first", log_with(tmp_path, BASE + LOG), copied)
    copied.finish()
    ours, folder = tmp_path / "ours", tmp_path / "data"
    ours.write_bytes(b"root's alone")
    folder.mkdir()
    os.chown(folder, STORE, STORE)
    real_read = SavedParts.read

    def read(parts: SavedParts, name: str, target: Any) -> None:
        real_read(parts, name, target)
        if name.endswith(".incr.aof"):
            path = Path(target.name)
            path.unlink()
            path.symlink_to(ours)

    monkeypatch.setattr(SavedParts, "read", read)
    with log_put(SavedParts(tmp_path / "copy"), "first", folder):
        pass
    assert ours.stat().st_uid == 0
    log = folder / LOG_FOLDER
    assert {path.stat().st_uid for path in (log, log / "appendonly.aof.1.base.rdb")} == {STORE}
