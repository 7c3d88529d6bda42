"""The doctor on the reading copy, on both kinds: without one, well, with too many rights, without a beat, away."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from cashticket.config import Settings
from cashticket.extensions import db
from cashticket.models import copy_beats
from cashticket.models.columns import utcnow
from cashticket.models.reading_copy import ReadingCopy
from cashticket.work.doctor import reading_copy
from cashticket.work.doctor.diagnoses import Health, Unwell
from tests.staging.doctor import change_settings, is_told, seen_by


@pytest.fixture
def copied(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The primary is its own copy."""
    monkeypatch.setattr(reading_copy, "LOOK_SECONDS", 0)
    url = settings.database_url
    change_settings(app, database_reader_url=url)
    app.extensions["reading_copy"] = copy = ReadingCopy(url, copy_beats.newest)
    yield url
    copy.engine.dispose()


def test_without_a_copy_nothing_is_looked_at(app: Flask) -> None:
    assert {each.health for each in reading_copy.look()} == {Health.SKIPPED}


def test_a_copy_that_follows_is_well_and_one_without_a_beat_is_told(copied: str) -> None:
    is_told(seen_by(reading_copy.look)["reading copy lag"], Health.WARN, "no beat yet", "start the watch")
    copy_beats.beat()
    seen = seen_by(reading_copy.look)
    assert tuple(seen) == reading_copy.NAMES
    is_told(seen["reading copy"], Health.OK, "answers at", "")
    is_told(seen["reading copy schema"], Health.OK, "as the primary", "")
    is_told(seen["reading copy lag"], Health.OK, "s behind", "")


def test_an_account_that_may_write_is_told_without_its_password(app: Flask, copied: str) -> None:
    account = seen_by(reading_copy.look)["reading copy account"]
    if db.engine.dialect.name == "sqlite":
        assert account.health is Health.SKIPPED
        return
    is_told(account, Health.WARN, "ALL PRIVILEGES", "SELECT alone")
    assert "IDENTIFIED" not in account.seen


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_that_follows_another_primary_is_told_and_never_read(
    app: Flask, migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its watch gives beats too, and its people have the same numbers."""
    monkeypatch.setattr(reading_copy, "LOOK_SECONDS", 0)
    other = tmp_path / "other.db"
    shutil.copy(migrated_sqlite, other)
    url = f"sqlite:///{other}"
    change_settings(app, database_reader_url=url)
    app.extensions["reading_copy"] = copy = ReadingCopy(url, copy_beats.newest)
    for moment in (utcnow(), utcnow() + timedelta(milliseconds=1)):
        copy_beats.beat()
        with closing(sqlite3.connect(other)) as there, there:
            there.execute("INSERT OR REPLACE INTO copy_beats VALUES (1, ?)", (f"{moment:%Y-%m-%d %H:%M:%S.%f}",))
        copy.look()
        assert not copy.is_fresh()
    lag = seen_by(reading_copy.look)["reading copy lag"]
    is_told(lag, Health.BAD, "none of the primary", "a replica of the database in DATABASE_URL")
    copy.engine.dispose()


def test_a_copy_that_is_away_is_told_with_its_place(app: Flask, settings: Settings) -> None:
    url = "mysql+pymysql://reader:p4ssw0rd@127.0.0.1:1/tickets"
    change_settings(app, database_reader_url=url)
    app.extensions["reading_copy"] = ReadingCopy(url, copy_beats.newest)
    with pytest.raises(Unwell) as failure:
        seen_by(reading_copy.look)
    assert failure.value.seen == "127.0.0.1:1/tickets: nothing answers there"


def test_an_account_that_may_pass_its_rights_on_may_more_than_read() -> None:
    usage = "GRANT USAGE ON *.* TO `reader`@`%` IDENTIFIED BY PASSWORD '*AA'"
    reads = "GRANT SELECT ON `tickets`.* TO `reader`@`%`"
    assert reading_copy.too_many_rights([usage, reads]) == []
    passed_on = reading_copy.too_many_rights([f"{usage} WITH GRANT OPTION", f"{reads} WITH GRANT OPTION"])
    assert passed_on == ["GRANT USAGE ON *.* WITH GRANT OPTION", "GRANT SELECT ON `tickets`.* WITH GRANT OPTION"]
    assert reading_copy.too_many_rights(["GRANT SELECT, INSERT ON `tickets`.* TO `reader`@`%`"]) != []
