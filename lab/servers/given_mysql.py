"""A database server that runs already, such as a service container of CI, in place of one that tests start."""

import pymysql
from sqlalchemy.engine import make_url

VARIABLE = "CASHTICKET_TEST_MYSQL"
"""Names its URL with an account that has all rights: mysql+pymysql://root:PASSWORD@HOST:3306."""


class GivenMySql:
    """Creates databases there. Nothing is started, killed or removed."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)

    def start(self) -> "GivenMySql":
        self.execute("SELECT 1")
        return self

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database on this server."""
        url = self._url.set(database=database, query={"charset": "utf8mb4"})
        return url.render_as_string(hide_password=False)

    def connect(self, database: str | None = None) -> "pymysql.Connection[pymysql.cursors.Cursor]":
        """A connection with all rights. Raises pymysql.Error."""
        url = self._url
        return pymysql.connect(
            host=url.host or "127.0.0.1",
            port=url.port or 3306,
            user=url.username,
            password=url.password or "",
            database=database,
            connect_timeout=3,
        )

    def execute(self, statement: str) -> None:
        """Run one statement. Raises pymysql.Error."""
        with self.connect() as connection:
            connection.cursor().execute(statement)

    def create_database(self, name: str) -> str:
        """Create an empty database, in place of one of that name. Returns its URL."""
        self.execute(f"DROP DATABASE IF EXISTS {name}")
        self.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
        return self.url(name)

    def remove(self) -> None:
        """Leave everything to whoever runs it."""
