"""Settings as they are read from the environment."""

from pathlib import Path

import pytest

from cashticket.config import SettingsError, load


def test_a_setting_is_still_read_under_its_former_name(tmp_path: Path) -> None:
    settings = load({"BACKLOG_MOST": "7", "DISK_FREE_LEAST": "9"}, tmp_path)
    assert (settings.backlog_max, settings.disk_free_min) == (7, 9)


def test_the_present_name_of_a_setting_wins_over_its_former_name(tmp_path: Path) -> None:
    assert load({"BACKLOG_MOST": "7", "BACKLOG_MAX": "8"}, tmp_path).backlog_max == 8


@pytest.mark.parametrize(
    ("given", "sender"),
    [
        ("", "CashTicket <no-reply@tickets.example>"),
        ("shop@naver.com", "CashTicket <shop@naver.com>"),
        ("<shop@naver.com>", "CashTicket <shop@naver.com>"),
        ("캐시티켓 <tickets+mail@naver.com>", "캐시티켓 <tickets+mail@naver.com>"),
    ],
)
def test_mails_come_from_the_site_or_from_whom_the_setting_names(tmp_path: Path, given: str, sender: str) -> None:
    assert load({"BASE_URL": "https://tickets.example", "MAIL_FROM": given}, tmp_path).mail_from == sender


@pytest.mark.parametrize(
    "given", ["nobody", "a@b.kr, c@d.kr", "<a@b.kr", "a b@c.kr", "a@b.kr\r\nBcc: c@d.kr", "é@b.kr", "x <>", "@b.kr"]
)
def test_a_sender_that_is_no_address_is_refused_at_the_start(tmp_path: Path, given: str) -> None:
    with pytest.raises(SettingsError, match=r"MAIL_FROM is .*; give an address such as"):
        load({"MAIL_FROM": given}, tmp_path)


def test_the_copy_of_the_database_is_of_the_same_kind(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="DATABASE_READER_URL is of another kind than DATABASE_URL"):
        load({"DATABASE_READER_URL": "mysql+pymysql://reader:pw@db/tickets"}, tmp_path)
    assert load({"DATABASE_READER_URL": f"sqlite:///{tmp_path}/copy.db"}, tmp_path).database_reader_url
    assert load({}, tmp_path).database_reader_url == ""
