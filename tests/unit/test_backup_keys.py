"""Keys of backups: recipients in the settings, private keys in files of their own, and no error that is left unsaid."""

import errno
import io
import json
import stat
from pathlib import Path

import pytest
from flask import Flask

from cashticket import config
from cashticket.backup_keys import identities_in, recipients_of
from cashticket.cli.backup_key import make_backup_key
from cashticket.config import SettingsError
from cashticket.work.backup.sealing import decrypt, encrypt

SIZE = 300_000
APP = Flask("keys")


def make_key(file: Path) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of `ops backup-key`."""
    with APP.app_context():
        runner = APP.test_cli_runner()
        done = runner.invoke(make_backup_key, [str(file), "--json"])
    return done.exit_code, done.stdout, done.stderr


def test_a_pair_is_written_for_its_owner_alone_and_the_public_part_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "backup.key"
    status, printed, _ = make_key(file)
    text = file.read_text()
    assert status == 0 and stat.S_IMODE(file.stat().st_mode) == 0o600
    [identity] = identities_in(text)
    assert json.loads(printed)["BACKUP_RECIPIENTS"] == str(identity.to_public()) and str(identity) not in printed


@pytest.mark.parametrize("place", ["here.key", "link.key", "nowhere/new.key"])
def test_no_file_is_written_over_and_no_link_is_followed(tmp_path: Path, place: str) -> None:
    (tmp_path / "here.key").write_text("the key of last year")
    (tmp_path / "link.key").symlink_to(tmp_path / "new.key")
    status, _, words = make_key(tmp_path / place)
    assert status == 1 and words.count("\n") == 1 and place in words
    assert (tmp_path / "here.key").read_text() == "the key of last year" and not (tmp_path / "new.key").exists()


def load(tmp_path: Path, recipients: str) -> config.Settings:
    return config.load({"APP_ENV": "testing", "BACKUP_RECIPIENTS": recipients}, tmp_path / "instance")


def test_recipients_are_listed_each_once_and_may_come_from_a_file(tmp_path: Path) -> None:
    pairs = [make_key(tmp_path / name) for name in ("a", "b")]
    first, second = (json.loads(printed)["BACKUP_RECIPIENTS"] for _, printed, _ in pairs)
    assert load(tmp_path, f"{first}, {second},{first}").backup_recipients == (first, second)
    assert load(tmp_path, "").backup_recipients == ()
    (tmp_path / "recipients").write_text(f"{second}\n")
    by_file = {"APP_ENV": "testing", "BACKUP_RECIPIENTS_FILE": str(tmp_path / "recipients")}
    assert config.load(by_file, tmp_path / "instance").backup_recipients == (second,)
    assert len(recipients_of([first, second, first])) == 2


def test_a_recipient_that_is_wrong_stops_the_start_and_a_private_key_is_never_quoted(tmp_path: Path) -> None:
    _, printed, _ = make_key(tmp_path / "a")
    public = json.loads(printed)["BACKUP_RECIPIENTS"]
    private = (tmp_path / "a").read_text().splitlines()[-1]
    for typed, sentence in ((public[:-1], "no recipient"), ("ssh-ed25519", "no recipient"), (private, "private key")):
        with pytest.raises(SettingsError, match=sentence) as refused:
            load(tmp_path, f"{public},{typed}")
        assert "BACKUP_RECIPIENTS" in str(refused.value) and private not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "holds no private key"),
        ("# a comment\n\n", "holds no private key"),
        ("age1abc", "holds a public part"),
        ("AGE-SECRET-KEY-1CUTOFF", "was cut off"),
        ("age-encryption.org/v1\n-> scrypt", "is encrypted itself"),
    ],
)
def test_a_file_without_a_private_key_is_named_and_not_quoted(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as refused:
        identities_in(text)
    assert "CUTOFF" not in str(refused.value)


class SmallDisk(io.BytesIO):
    """Has room for so many blocks, and counts them. The length of an encrypted file is another each time."""

    def __init__(self, room: int = 1_000) -> None:
        super().__init__()
        self._room, self.blocks = room, 0

    def write(self, block: bytes) -> int:  # type: ignore[override]
        if self.blocks == self._room:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.blocks += 1
        return super().write(block)


def test_a_disk_that_is_full_is_told_in_the_first_block_and_in_the_last(tmp_path: Path) -> None:
    make_key(tmp_path / "a")
    keys = identities_in((tmp_path / "a").read_text())
    whole, back = SmallDisk(), SmallDisk()
    encrypt(io.BytesIO(bytes(SIZE)), whole, [key.to_public() for key in keys])
    decrypt(io.BytesIO(whole.getvalue()), back, keys)
    assert back.getvalue() == bytes(SIZE) and min(whole.blocks, back.blocks) > 3
    for room in range(whole.blocks):
        with pytest.raises(OSError, match="No space left"):
            encrypt(io.BytesIO(bytes(SIZE)), SmallDisk(room), [key.to_public() for key in keys])
    for room in range(back.blocks):
        with pytest.raises(OSError, match="No space left"):
            decrypt(io.BytesIO(whole.getvalue()), SmallDisk(room), keys)
