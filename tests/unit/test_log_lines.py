"""Log lines: one for each event, in JSON or readable, with nothing in them that a value could forge."""

import io
import json
import logging
import smtplib
import sqlite3
from collections.abc import Callable, Iterator

import pymysql
import pytest
import redis
from sqlalchemy.exc import IntegrityError

from cashticket.logs.cleaning import cleaned
from cashticket.logs.clients import shortened
from cashticket.logs.failures import failure_text
from cashticket.logs.lines import LineFormatter, structured_logger

FACTS = {"process": "web", "version": "v1"}
LINE_BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"

Lines = Callable[[], list[str]]


@pytest.fixture(params=["json", "readable"])
def lines(request: pytest.FixtureRequest) -> Iterator[Lines]:
    """The lines that the logger `sample` has written so far, in both shapes."""
    yield from written(as_json=request.param == "json")


@pytest.fixture
def json_lines() -> Iterator[Lines]:
    yield from written(as_json=True)


def written(*, as_json: bool) -> Iterator[Lines]:
    stream = io.StringIO(newline="")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter(as_json=as_json, with_messages=False, facts=FACTS))
    log = logging.getLogger("sample")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield lambda: stream.getvalue().split("\n")[:-1]
    log.removeHandler(handler)


def test_a_line_of_json_holds_what_every_line_has(json_lines: Lines) -> None:
    logging.getLogger("sample").warning("the %s waits", "drain")
    fields = json.loads(json_lines()[0])
    assert fields["time"].endswith("Z") and len(fields["time"]) == len("2026-11-27T07:17:03.123Z")
    assert {name: fields[name] for name in ("level", "logger", "event", "process", "version")} == {
        "level": "warning", "logger": "sample", "event": "the drain waits", "process": "web", "version": "v1",
    }  # fmt: skip


def test_fields_of_structlog_become_fields_of_the_line(json_lines: Lines) -> None:
    structured_logger("sample").info("sign_in.ok", person_id=7, account=None)
    fields = json.loads(json_lines()[0])
    assert (fields["event"], fields["person_id"]) == ("sign_in.ok", 7)
    assert "account" not in fields


@pytest.mark.parametrize("mark", LINE_BREAKS)
def test_no_value_begins_a_new_line(lines: Lines, mark: str) -> None:
    forged = f'x{mark}{{"event": "sign_in.ok"}}'
    structured_logger("sample").warning(forged, value=forged)
    logging.getLogger("sample").warning("typed: %s", forged)
    assert len(lines()) == 2
    assert not any(mark in text for text in lines())


def test_terminals_get_no_control_characters(lines: Lines) -> None:
    logging.getLogger("sample").warning("red \x1b[31m and \x9b1m and \u202e")
    assert lines()[0].isprintable()


DRIVER_ERRORS = [
    (pymysql.err.IntegrityError(1062, "Duplicate entry 'alice@example.com' for key"), "IntegrityError 1062"),
    (smtplib.SMTPRecipientsRefused({"alice@example.com": (550, b"no alice")}), "SMTPRecipientsRefused 550"),
    (smtplib.SMTPDataError(554, b"<alice@example.com> is full"), "SMTPDataError 554"),
    (redis.ResponseError("WRONGTYPE alice@example.com"), "ResponseError WRONGTYPE"),
    (redis.ConnectionError("Error 111 connecting to alice:1"), "ConnectionError"),
    (ConnectionRefusedError(111, "alice@example.com"), "ConnectionRefusedError ECONNREFUSED"),
    (ValueError("alice@example.com"), "ValueError"),
]


@pytest.mark.parametrize(("error", "text"), DRIVER_ERRORS, ids=lambda value: type(value).__name__)
def test_a_failure_is_its_class_and_code(error: Exception, text: str) -> None:
    assert failure_text(error) == text


def test_a_failure_of_the_database_names_both_classes() -> None:
    try:
        sqlite3.connect(":memory:").execute("SELECT alice")
    except sqlite3.OperationalError as error:
        wrapped = IntegrityError("SELECT 'alice@example.com'", {"email": "alice@example.com"}, error)
    assert failure_text(wrapped) == "IntegrityError (OperationalError SQLITE_ERROR)"


@pytest.mark.parametrize(("error", "text"), DRIVER_ERRORS, ids=lambda value: type(value).__name__)
def test_neither_arguments_nor_tracebacks_show_a_message(lines: Lines, error: Exception, text: str) -> None:
    log = logging.getLogger("sample")
    log.error("it failed: %s", error)
    try:
        raise RuntimeError("alice@example.com") from error
    except RuntimeError:
        log.exception("it failed")
    structured_logger("sample").error("it failed", cause=error, exc_info=True)
    assert len(lines()) == 3
    assert not any("alice" in each for each in lines())
    assert all(text in each for each in lines())


def test_a_trace_says_where_an_error_was_raised(json_lines: Lines) -> None:
    try:
        int("x")
    except ValueError:
        logging.getLogger("sample").exception("it failed")
    fields = json.loads(json_lines()[0])
    assert fields["error"] == "ValueError"
    assert fields["trace"][0].startswith("tests/unit/test_log_lines.py:")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("no mailbox alice+a@example.com here", "no mailbox [address] here"),
        ("redis://shop:secret@10.0.0.1/0", "redis://shop:[address]/0"),
        ("$argon2id$v=19$m=19456,t=2,p=1$VOAJ$jjJO", "[hash]"),
        ("GET /reset/WzEsImFiYyJd.abc HTTP/1.1", "GET /reset/[token] HTTP/1.1"),
        ("POST /unsubscribe/anything", "POST /unsubscribe/[token]"),
        ("POST /confirm/anything", "POST /confirm/[token]"),
        ("/login?next=/me&email=x", "/login?[query]"),
        ("cookie eyJfdXNlcl9pZCI6IjEuMS4w.Zx1y2w.hq3Jw0cJm9QdVx4mM1q8a7tB2nE bad", "cookie [token] bad"),
        ("010-1234-5678 and +82 10 1234 5678", "[phone] and [phone]"),
        ("cashticket.blueprints.request.rate_limits.some_very_long_name", None),
        ("auction 12: bids 1020101 to 1020109 are given up", None),
        ("2026-11-27T07:17:03.123Z 192.168.100.12:6379", None),
    ],
)
def test_texts_of_libraries_are_cleaned(text: str, clean: str | None) -> None:
    assert cleaned(text) == (text if clean is None else clean)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "local"),
        (None, "local"),
        ("unix:", "local"),
    ],
)
def test_clients_are_shortened_to_their_network(address: str | None, network: str) -> None:
    assert shortened(address) == network
