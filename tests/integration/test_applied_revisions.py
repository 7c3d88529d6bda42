"""A revision that is edited after it was applied is noticed by the next upgrade and by `/readyz`."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import select

from cashticket import create_app
from cashticket.extensions import db
from cashticket.models import AppliedRevision, schema
from tests.fixtures.databases import make_settings
from tests.house.source import ROOT

EDITED = "0003_outbox.py"
WORDS = "revision 0003 was applied in another form than this release has"


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """A copy of the folder of migrations, to edit."""
    return Path(shutil.copytree(ROOT / "migrations", tmp_path / "migrations"))


@pytest.fixture(params=["sqlite", "mariadb"])
def app(request: pytest.FixtureRequest, migrations: Path, tmp_path: Path) -> Iterator[Flask]:
    """An application whose database has just been brought to the newest schema."""
    url = f"sqlite:///{tmp_path / 'new.db'}"
    if request.param == "mariadb":
        server = request.getfixturevalue("mariadb_server")
        server.execute("DROP DATABASE IF EXISTS cashticket_revisions")
        url = server.create_database("cashticket_revisions")
    application = create_app(make_settings(url, "unix:///nowhere.sock", tmp_path))
    with application.app_context():
        flask_migrate.upgrade(str(migrations))
        yield application
        db.session.remove()
        db.engine.dispose()


def edit(migrations: Path) -> None:
    path = migrations / "versions" / EDITED
    path.write_text(path.read_text("utf-8") + "\n# One more thought.\n", "utf-8")


def stored() -> dict[str, str]:
    db.session.rollback()
    rows = db.session.execute(select(AppliedRevision.revision, AppliedRevision.digest))
    return {row.revision: row.digest for row in rows}


def altered(migrations: Path) -> tuple[str, ...]:
    schema._forms.cache_clear()
    return schema.condition(str(migrations)).altered


def test_every_applied_revision_is_stored_and_nothing_is_said_of_it(
    app: Flask, migrations: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    revisions = {path.name.partition("_")[0] for path in (migrations / "versions").glob("*.py")}
    assert set(stored()) == revisions and all(len(digest) == 64 for digest in stored().values())
    flask_migrate.upgrade(str(migrations))
    assert "Warning" not in capsys.readouterr().err and altered(migrations) == ()


def test_an_edited_revision_is_said_at_the_next_upgrade_and_by_readiness(
    app: Flask, migrations: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = stored()
    edit(migrations)
    flask_migrate.upgrade(str(migrations))
    assert WORDS in capsys.readouterr().err and stored() == before
    [sentence] = altered(migrations)
    assert sentence.startswith(WORDS) and "put its file in migrations/versions back" in sentence


def test_lines_may_end_in_another_way(app: Flask, migrations: Path) -> None:
    path = migrations / "versions" / EDITED
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert altered(migrations) == ()


def test_a_revision_that_was_taken_back_may_be_edited(
    app: Flask, migrations: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flask_migrate.downgrade(str(migrations), revision="0002")
    edit(migrations)
    flask_migrate.upgrade(str(migrations))
    assert "Warning" not in capsys.readouterr().err and altered(migrations) == ()
