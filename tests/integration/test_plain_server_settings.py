"""make-settings.sh gives each role of a server without Docker what it needs to start, and no secret of others."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from cashticket import config
from lab.servers.unit_files import UNITS, parse, read

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "deploy" / "host" / "make-settings.sh"
ROLES = {"web", "worker", "mail", "push", "migration"}


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """The folder of settings, as made for tickets.example and completed by hand."""
    folder = tmp_path / "cashticket"
    environment = {"PATH": os.environ["PATH"], "SITE": "lantern.example", "DISK_PATHS": str(tmp_path)}
    subprocess.run(["sh", str(SCRIPT), str(folder)], env=environment, check=True)
    mail = folder / "mail.env"
    mail.write_text(mail.read_text().replace("MAIL_URL=", "MAIL_URL=smtp://tickets:word@mail.example:587"))
    return folder


def settings_of(role: str, folder: Path) -> dict[str, str]:
    """What systemd gives to a process of this role."""
    unit = parse("", f"[Service]\nEnvironmentFile={folder}/common.env\nEnvironmentFile={folder}/{role}.env")
    return unit.environment() | {name: str(folder / name.lower()) for name in ("POSTERS", "WITNESS_DIR")}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_starts_in_production_with_its_settings(role: str, made: Path, tmp_path: Path) -> None:
    settings = config.load(settings_of(role, made), tmp_path)
    assert settings.role == role and settings.app_env == "production"


def test_each_role_has_its_own_secrets_and_a_file_that_root_alone_reads(made: Path) -> None:
    given = {role: settings_of(role, made) for role in ROLES}
    assert {role for role in ROLES if "MAIL_URL" in given[role]} == {"mail"}
    assert {role for role in ROLES if "VAPID_PRIVATE_KEY" in given[role]} == {"push"}
    assert {role for role in ROLES if "SMS_URL" in given[role]} == {"web", "worker", "mail"}, "worker: for commands"
    assert {role for role in ROLES if "IDENTITY_KEY" in given[role]} == {"mail"}
    assert {role for role in ROLES if "MIGRATION_DATABASE_URL" in given[role]} == {"migration"}
    assert "SECRET_KEY" not in given["migration"]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in made.glob("*.env"))


def test_every_file_that_a_unit_reads_is_made(made: Path) -> None:
    wanted = {Path(path) for name in UNITS.glob("*.service") for path in read(name.name).values("EnvironmentFile")}
    assert {path.name for path in wanted if str(path).startswith("/etc")} == {path.name for path in made.glob("*.env")}
    assert re.search(r"^server_name lantern\.example;", (made / "nginx" / "site.conf").read_text(), re.MULTILINE)


def test_a_second_run_changes_nothing_and_says_so(made: Path) -> None:
    before = {path: path.read_bytes() for path in made.rglob("*") if path.is_file()}
    settings = {"PATH": os.environ["PATH"], "SITE": "x.example", "DATABASE": "10.0.0.30"}
    done = subprocess.run(["sh", str(SCRIPT), str(made)], env=settings, check=True, capture_output=True, text=True)
    assert {path: path.read_bytes() for path in made.rglob("*") if path.is_file()} == before
    assert f"{made}/web.env is there already and stays as it is." in done.stderr.splitlines()


@pytest.mark.parametrize(
    ("words", "settings", "account", "role"),
    [
        (("auction", "list"), {}, "cashticket", "worker"),
        (("ops", "doctor"), {"AS": "mail"}, "cashticket-mail", "mail"),
        (("ops", "backup", "/backup/1"), {}, "root", "migration"),
    ],
)
def test_a_command_has_the_account_and_the_settings_of_its_role(
    words: tuple[str, ...], settings: dict[str, str], account: str, role: str, tmp_path: Path
) -> None:
    caller = tmp_path / "systemd-run"
    caller.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    caller.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", **settings}
    command = ["sh", str(SCRIPT.with_name("operate.sh")), *words]
    given = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.splitlines()
    files = [row for row in given if row.startswith("--property=EnvironmentFile=/etc/cashticket/")]
    assert files[-1].endswith(f"/{role}.env") and f"--property=User={account}" in given
    assert given[-len(words) :] == list(words)
    if role == "mail":
        assert read("cashticket-worker-mail.service").value("User") == account
