"""Writes the dumps from which upgrades are tested: `python -m tests.upgrades.dump`, in the checkout of a release.

Makes a database of this checkout's schema on SQLite and on MariaDB, fills both as `world` says, and writes them as SQL
into this folder, named after the newest revision, such as 0006.sqlite.sql. Run it once for each release with a new
revision, and commit both files. They are never written anew.
"""

import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import text

from cashticket import create_app
from cashticket.extensions import db
from lab.servers.mariadb_server import MariaDbServer
from lab.servers.redis_server import RedisServer
from tests.fixtures.databases import make_settings
from tests.upgrades.world import fill

FOLDER = Path(__file__).parent
DATABASE = "cashticket"


def main() -> None:
    """Write both dumps. Exits when the revision has dumps already."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "dump.db"
        revision = _filled(f"sqlite:///{file}", Path(scratch))
        if list(FOLDER.glob(f"{revision}.*.sql")):
            sys.exit(f"Revision {revision} has its dumps already; they are never written anew.")
        with sqlite3.connect(file) as connection:
            _write(f"{revision}.sqlite.sql", "\n".join(connection.iterdump()) + "\n")
        server = MariaDbServer().start()
        try:
            _filled(server.create_database(DATABASE), Path(scratch))
            _write(f"{revision}.mariadb.sql", _mariadb_dump(server))
        finally:
            server.remove()


def _filled(url: str, folder: Path) -> str:
    """Make and fill a database. Returns its revision."""
    store = RedisServer().start()
    try:
        app = create_app(make_settings(url, store.url, folder))
        with app.app_context():
            upgrade()
            fill(app)
            revision: str = db.session.scalar(text("SELECT version_num FROM alembic_version"))
            db.session.remove()
            db.engine.dispose()
        return revision
    finally:
        store.remove()


def _mariadb_dump(server: MariaDbServer) -> str:
    command = ["mariadb-dump", "--no-defaults", f"--socket={server.socket}", "--user=root", "--skip-extended-insert"]
    command += ["--complete-insert", "--skip-comments", "--skip-add-drop-table", "--skip-add-locks", DATABASE]
    content = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # The first line of newer clients is a comment that older servers do not read.
    return content[content.index("/*!") :]


def _write(name: str, content: str) -> None:
    (FOLDER / name).write_text(content, encoding="utf-8")
    print(f"{FOLDER / name}: {len(content):,} characters")


if __name__ == "__main__":
    main()
