"""A database that breaks in the middle of a form about a person: nothing of the person gets into a log line.

Each form is sent again and again; the n-th time its n-th writing statement fails. The database itself refuses, so the
messages are those of the real drivers.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, text

from cashticket.extensions import db
from tests.fixtures.logs import LogLines
from tests.fixtures.people import Browser, make_person, sign_in
from tests.staging.mails import Mailbox
from tests.staging.rows import PASSWORD

WRITES = re.compile(r"(INSERT INTO|UPDATE) (\w+)", re.IGNORECASE)
STATEMENTS_MAX = 20
NEW_PASSWORD = "a quite different password"


class Break:
    """Breaks the database at one writing statement. `done` says whether that statement came."""

    def __init__(self, kind: str, number: int) -> None:
        self.kind, self.number, self.done = kind, number, False

    def __call__(
        self, connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> tuple[str, Any]:
        written = WRITES.match(statement.lstrip())
        self.number -= bool(written)
        if not written or self.number != 0 or self.done:
            return statement, parameters
        self.done = True
        if self.kind == "table renamed":
            return WRITES.sub(r"\1 \2_renamed", statement, count=1), parameters
        if self.kind == "unique violation":
            return duplicate_person(), ()
        if connection.dialect.name == "sqlite":
            cursor.execute("PRAGMA query_only = ON")
        else:
            kill(connection)
        return statement, parameters


def duplicate_person() -> str:
    """A statement whose error names the address of a person."""
    columns = ", ".join(column.name for column in db.metadata.tables["people"].columns if column.name != "id")
    return f"INSERT INTO people ({columns}) SELECT {columns} FROM people ORDER BY id DESC LIMIT 1"


def kill(connection: Any) -> None:
    other = create_engine(db.engine.url)
    with other.connect() as killer:
        killer.execute(text(f"KILL {connection.connection.dbapi_connection.thread_id()}"))
    other.dispose()


@contextmanager
def breaking(kind: str, number: int) -> Iterator[Break]:
    listener = Break(kind, number)
    event.listen(db.engine, "before_cursor_execute", listener, retval=True)
    try:
        yield listener
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
        if db.engine.dialect.name == "sqlite":
            db.session.remove()
            db.engine.dispose()


Send = Callable[[], int]
"""Sends a prepared form. Returns the status of the answer."""


def sign_up(browser: Browser, name: str, mailbox: Mailbox) -> Send:
    phone = "010-7" + "".join(str(ord(letter) % 10) for letter in name)[-3:] + "-5678"
    fields = {"email": f"{name}@example.com", "password": PASSWORD, "name": "김앨리스", "birth_date": "1999-02-03"}
    fields |= {"phone": phone, "terms": "yes", "privacy": "yes", "csrf_token": browser.token("/signup")}
    return lambda: browser.post("/signup", data=fields).status_code


def ask_for_reset(browser: Browser, name: str, mailbox: Mailbox) -> Send:
    make_person(name)
    fields = {"email": f"{name}@example.com", "csrf_token": browser.token("/reset")}
    return lambda: browser.post("/reset", data=fields).status_code


def reset(browser: Browser, name: str, mailbox: Mailbox) -> Send:
    ask_for_reset(browser, name, mailbox)()
    link = mailbox.link(f"{name}@example.com")
    fields = {"password": NEW_PASSWORD, "csrf_token": browser.token(link)}
    return lambda: browser.post(link, data=fields).status_code


def change_address(browser: Browser, name: str, mailbox: Mailbox) -> Send:
    make_person(name)
    signed_in = sign_in(browser, name)
    fields = {"email": f"new-{name}@example.com", "current_password": PASSWORD}
    fields["csrf_token"] = signed_in.token("/me/profile")
    return lambda: signed_in.post("/me/profile/email", data=fields).status_code


FORMS = {"sign-up": sign_up, "reset": ask_for_reset, "new password": reset, "change of address": change_address}
KINDS = ("table renamed", "unique violation", "connection killed")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", FORMS)
def test_no_log_line_names_anybody(
    app: Flask, browser: Callable[[], Browser], log_lines: LogLines, form: str, kind: str
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    make_person("alice")
    failures = 0
    for number in range(1, STATEMENTS_MAX):
        send = FORMS[form](browser(), f"alice{'abcdefghijklmnopqrst'[number]}", Mailbox(app))
        log_lines.forget()
        with breaking(kind, number) as listener:
            status = send()
        if not listener.done:
            break
        failures += status >= 500
        assert status < 500 or log_lines.all(), "a failure leaves a line"
        assert_nothing_of_alice(log_lines.text_without_codes)
    assert failures, "the database broke nothing"


def assert_nothing_of_alice(lines: str) -> None:
    # What the last guard had to mask was written by code that must not write it.
    masked = ("[token]", "[address]", "[hash]", "[phone]")
    for mark in ("@", "$argon2", "alice", "앨리스", "\\uc568", "1999-02", "5678", PASSWORD, NEW_PASSWORD, *masked):
        assert mark not in lines, lines
