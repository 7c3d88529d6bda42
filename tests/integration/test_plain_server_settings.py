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


def test_a_second_run_changes_nothing(made: Path) -> None:
    before = {path: path.read_bytes() for path in made.rglob("*") if path.is_file()}
    subprocess.run(["sh", str(SCRIPT), str(made)], env={"PATH": os.environ["PATH"], "SITE": "x.example"}, check=True)
    assert {path: path.read_bytes() for path in made.rglob("*") if path.is_file()} == before
