"""MySQL 8.4 takes what MariaDB takes: tables, statements and SQL by hand, as far as it shows without a server."""

import ast
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.elements import ClauseElement, TextClause

import cashticket
from cashticket.extensions import Base
from cashticket.models import durability
from tests.house.source import ROOT
from tests.staging.mysql_words import mysql_dialect, odd_words

SQL = re.compile(r"^\s*(SELECT|UPDATE|INSERT|DELETE|ALTER|CREATE|DROP|SHOW|SET|GRANT|REPLACE|WITH)\s", re.DOTALL)


@pytest.fixture(scope="module")
def dialect() -> mysql.dialect:
    return mysql_dialect()


def test_every_table_and_index_is_written_for_mysql(dialect: mysql.dialect) -> None:
    for table in Base.metadata.sorted_tables:
        written = str(CreateTable(table).compile(dialect=dialect))
        written += "".join(str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes)
        assert not odd_words(written), f"{table}: {written}"


def test_a_name_that_is_reserved_is_found_where_it_is_not_quoted(dialect: mysql.dialect) -> None:
    """The control: the tables have such a name."""
    written = str(CreateTable(Base.metadata.tables["final_ranks"]).compile(dialect=dialect))
    assert "`rank`" in written and odd_words(written.replace("`", "")) == ["rank", "rank"]


def test_every_statement_that_is_built_once_is_written_for_mysql(dialect: mysql.dialect) -> None:
    statements = dict(_statements())
    assert len(statements) > 10
    for name, statement in statements.items():
        written = str(statement.compile(dialect=dialect))
        assert not odd_words(written), f"{name}: {written}"


def _statements() -> Iterator[tuple[str, ClauseElement]]:
    for found in pkgutil.walk_packages(cashticket.__path__, "cashticket."):
        if found.name.startswith("cashticket.cli.demo") or found.name.endswith("__main__"):
            continue
        for name, value in vars(import_module(found.name)).items():
            if isinstance(value, ClauseElement) and isinstance(value, Executable):
                yield f"{found.name}.{name}", value


def test_sql_written_by_hand_has_no_word_that_mysql_takes_otherwise() -> None:
    found = list(_hand_written())
    assert len(found) > 20
    wrong = {where: sql for where, sql in found if odd_words(sql)}
    assert not wrong


def _hand_written() -> Iterator[tuple[str, str]]:
    """Each text in product and migrations that begins as a statement. Parts that are put in count as a name."""
    for path in sorted([*Path(ROOT, "cashticket").rglob("*.py"), *Path(ROOT, "migrations").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = ""
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
            elif isinstance(node, ast.JoinedStr):
                text = "".join(str(part.value) if isinstance(part, ast.Constant) else "name" for part in node.values)
            if SQL.match(text) and "\n\n" not in text:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", text


class Server:
    """What MySQL 8.4 answers of its replication, in its words, with one setting changed."""

    def __init__(self, **changed: str) -> None:
        self._rows = {
            "rpl_semi_sync_source_enabled": "ON",
            "rpl_semi_sync_source_wait_point": "AFTER_SYNC",
            "rpl_semi_sync_source_timeout": "2592000000",
            "Rpl_semi_sync_source_status": "ON",
            "Rpl_semi_sync_source_clients": "1",
        } | changed

    def execute(self, question: TextClause) -> list[tuple[str, str]]:
        wanted = "Rpl_" if "STATUS" in str(question) else "rpl_"
        return [(name, value) for name, value in self._rows.items() if name.startswith(wanted)]


def risks(**changed: str) -> list[str]:
    server: Connection = Server(**changed)  # type: ignore[assignment]
    return durability.replication_risks(server, 1)


def test_mysql_is_set_as_mariadb_is() -> None:
    maria, my = (_settings(ROOT / "deploy" / path) for path in ("compose/mariadb.cnf", "database/mysql.cnf"))
    renamed = {"expire_logs_days": "binlog_expire_logs_seconds", "binlog_format": ""}
    assert {renamed.get(name, name) for name in maria} - my.keys() <= {""}
    same = maria.keys() & my.keys() - {"skip-name-resolve"}
    assert len(same) > 8 and {name: my[name] for name in same} == {name: maria[name] for name in same}


def _settings(path: Path) -> dict[str, str]:
    lines = (line.partition("=") for line in path.read_text("utf-8").splitlines() if line[:1] not in ("", "#", "["))
    return {name.strip(): value.strip() for name, _, value in lines}


def test_replication_of_mysql_is_understood_in_its_own_words() -> None:
    assert risks() == []
    assert risks(Rpl_semi_sync_source_status="OFF")[0].startswith("it fell back")
    assert risks(Rpl_semi_sync_source_clients="0")[0].startswith("0 of 1 replicas")
    assert risks(rpl_semi_sync_source_enabled="OFF")[0].startswith("commits wait for none")
