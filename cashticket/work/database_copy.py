"""Consistent copies of the ledger, taken while everything goes on: SQLite by its own backup, MySQL and MariaDB by their
dump program in one transaction."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import URL, make_url

from cashticket.errors import OperatorError

SQLITE_NAME, DUMP_NAME = "ledger.db", "ledger.sql"
DUMP_OPTIONS = ("--single-transaction", "--skip-lock-tables", "--no-tablespaces", "--hex-blob", "--skip-comments")


class NotCopied(OperatorError):
    """The database was not copied, or not put back."""


def copy_database(address: str, target: Path) -> Path:
    """Copy the database at a SQLAlchemy URL into the folder `target`. Returns the file. Raises NotCopied."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        file = target / SQLITE_NAME
        with closing(sqlite3.connect(str(url.database))) as source, closing(sqlite3.connect(file)) as copy:
            source.backup(copy)
        return file
    file = target / DUMP_NAME
    with file.open("wb") as output:
        _run(("mariadb-dump", "mysqldump"), url, DUMP_OPTIONS, stdout=output)
    return file


def put_database(saved: Path, address: str) -> None:
    """Fill the database at a SQLAlchemy URL, which must be empty, from the folder of a copy. Raises NotCopied."""
    url = make_url(address)
    is_sqlite = url.get_backend_name() == "sqlite"
    file = saved / (SQLITE_NAME if is_sqlite else DUMP_NAME)
    if not file.exists():
        raise NotCopied(f"{file} does not exist: the copy was made of another kind of database.")
    if not _is_empty(url):
        raise NotCopied("The database has tables already: name an empty one in DATABASE_URL.")
    if is_sqlite:
        shutil.copyfile(file, str(url.database))
        return
    with file.open("rb") as text:
        _run(("mariadb", "mysql"), url, (), stdin=text)


def _is_empty(url: URL) -> bool:
    engine = create_engine(url)
    try:
        return not inspect(engine).get_table_names()
    finally:
        engine.dispose()


def _run(programs: Sequence[str], url: URL, options: Sequence[str], **streams: object) -> None:
    program = next(filter(None, map(shutil.which, programs)), None)
    if program is None:
        raise NotCopied(f"None of {', '.join(programs)} is installed: install the client programs of the database.")
    with _defaults(url) as file:
        command = [program, f"--defaults-extra-file={file}", *options, str(url.database)]
        done = subprocess.run(command, stderr=subprocess.PIPE, check=False, **streams)  # type: ignore[call-overload]
    if done.returncode:
        raise NotCopied(f"{Path(program).name} failed: {done.stderr.decode(errors='replace').strip()[-500:]}")


@contextmanager
def _defaults(url: URL) -> Iterator[str]:
    """A file for this account alone, so that the password is in no list of processes."""
    wanted = {
        "user": url.username,
        "password": url.password,
        "host": url.host,
        "port": url.port,
        "socket": url.query.get("unix_socket"),
        "ssl-ca": url.query.get("ssl_ca"),
    }
    quoted = {name: str(value).replace("\\", "\\\\").replace('"', '\\"') for name, value in wanted.items() if value}
    with NamedTemporaryFile("w", encoding="utf-8", suffix=".cnf") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write("[client]\n" + "".join(f'{name}="{value}"\n' for name, value in quoted.items()))
        file.flush()
        yield file.name
