"""The ledger of MariaDB or MySQL as text: everything comes back, nothing but tables and rows is carried out."""

import io
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from cashticket.work.backup.database_copy import DUMP_NAME, NotCopied, copy_database, database_put, require_room
from cashticket.work.backup.dumping import BLOCK_BYTES, connect
from cashticket.work.backup.parts import NewParts, SavedParts
from lab.servers.mariadb_server import MariaDbServer

SIGNS = "'\"\\;\n;\r\x00\x1a`-- 한글 🎟"
TABLE = """CREATE TABLE one (
    id BIGINT AUTO_INCREMENT PRIMARY KEY, told VARCHAR(200), raw VARBINARY(300), at DATETIME(6), facts JSON,
    price DECIMAL(12, 2), twice DECIMAL(13, 2) AS (price * 2) STORED, other BIGINT,
    FOREIGN KEY (other) REFERENCES one (id), KEY (twice)) COMMENT 'a; comment\\nof two; lines'"""
BINARY = bytes(range(256))
COLUMNS = "SELECT id, told, raw, CAST(at AS CHAR), facts, price, twice, other FROM one ORDER BY id"


@pytest.fixture
def pair(mariadb_server: MariaDbServer) -> tuple[str, str]:
    """Two empty databases."""
    for name in ("text_of_one", "text_of_two"):
        mariadb_server.execute(f"DROP DATABASE IF EXISTS {name}")
    return mariadb_server.create_database("text_of_one"), mariadb_server.create_database("text_of_two")


def rows(address: str, question: str) -> list[tuple[Any, ...]]:
    with closing(connect(make_url(address))) as connection, connection.cursor() as cursor:
        cursor.execute(question)
        return list(cursor.fetchall())


def fill(address: str) -> None:
    long_text = SIGNS * 10
    with closing(connect(make_url(address), autocommit=True)) as connection, connection.cursor() as cursor:
        cursor.execute(TABLE)
        insert = "INSERT INTO one (told, raw, at, facts, price, other) VALUES (%s, %s, %s, %s, %s, %s)"
        cursor.execute(insert, (SIGNS, BINARY, "2027-03-01 12:00:00.123456", '{"a": "\\n;"}', "1234567890.25", None))
        cursor.execute(insert, ("", b"", None, None, None, 1))
        cursor.executemany(insert, [(long_text, BINARY, None, None, n, 1) for n in range(BLOCK_BYTES // 600)])
        cursor.execute("CREATE TABLE none_yet (id INT PRIMARY KEY)")
        cursor.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")


def saved(folder: Path, content: bytes) -> SavedParts:
    parts = NewParts(folder, ())
    parts.add(DUMP_NAME, io.BytesIO(content))
    parts.finish()
    return SavedParts(folder)


def test_every_value_every_key_and_the_next_number_come_back(pair: tuple[str, str], tmp_path: Path) -> None:
    source, target = pair
    fill(source)
    parts = NewParts(tmp_path / "saved", ())
    (tmp_path / "saved").mkdir()
    assert copy_database(source, parts) > BLOCK_BYTES, "in several blocks"
    parts.finish()
    text = (tmp_path / "saved" / DUMP_NAME).read_text()
    assert text.rindex("CREATE TABLE") == text.index("CREATE TABLE `alembic_version`")
    with database_put(SavedParts(tmp_path / "saved"), target):
        pass
    assert rows(target, COLUMNS) == rows(source, COLUMNS)
    assert rows(target, COLUMNS)[0][1:3] == (SIGNS, BINARY)
    for table in ("one", "none_yet"):
        assert rows(target, f"SHOW CREATE TABLE {table}") == rows(source, f"SHOW CREATE TABLE {table}")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("CREATE TABLE `a` (id INT PRIMARY KEY);\nINSERT INTO `nowhere` (`id`) VALUES\n(1);\n", "refuses the copy"),
        ("CREATE TABLE `a` (id INT PRIMARY KEY);\nINSERT INTO `a` (`id`) VALUES\n(1)", "ends within a statement"),
        ("CREATE TABLE `a` (id INT PRIMARY KEY);\n\\! touch {made}\n;\n", "holds what no backup"),
        ("CREATE TABLE `a` (id INT PRIMARY KEY);\nGRANT ALL ON *.* TO 'mallory'@'%';\n", "holds what no backup"),
        ("SELECT 1 INTO OUTFILE '{made}';\n", "holds what no backup"),
        ("INSERT INTO `mysql`.`user` (`User`) VALUES\n('mallory');\n", "holds what no backup"),
        ("SET GLOBAL local_infile = 1;\n", "holds what no backup"),
    ],
)
def test_a_text_of_somebody_else_does_nothing_and_leaves_the_database_empty(
    pair: tuple[str, str], tmp_path: Path, text: str, sentence: str
) -> None:
    made = tmp_path / "made"
    (tmp_path / "bad").mkdir()
    with (
        pytest.raises(NotCopied, match=sentence),
        database_put(saved(tmp_path / "bad", text.format(made=made).encode()), pair[1]),
    ):
        pytest.fail("the block is not reached")
    assert rows(pair[1], "SHOW TABLES") == [] and not made.exists()


def test_what_is_no_table_of_ours_is_named_instead_of_left_out(pair: tuple[str, str], tmp_path: Path) -> None:
    with closing(connect(make_url(pair[0]))) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE VIEW glance AS SELECT 1 AS one")
    (tmp_path / "saved").mkdir()
    with pytest.raises(NotCopied, match=r"'glance' \(VIEW\)"):
        copy_database(pair[0], NewParts(tmp_path / "saved", ()))


def test_a_database_that_another_restore_fills_is_left_to_it(pair: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    parts = saved(tmp_path / "saved", b"CREATE TABLE `a` (id INT PRIMARY KEY);\n")
    with database_put(parts, pair[1]):
        with pytest.raises(NotCopied, match="Another restore fills"):
            require_room(parts, pair[1])
        assert ("restore_unfinished",) in rows(pair[1], "SHOW TABLES")
    assert rows(pair[1], "SHOW TABLES") == [("a",)]
