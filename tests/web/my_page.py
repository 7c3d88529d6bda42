"""Steps of the tests of my page: the text of a page, its forms, and notices."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import update

from cashticket.extensions import db
from cashticket.models import Award, Notification
from cashticket.models.units import in_one_unit
from tests.fixtures.people import Browser


def text_of(browser: Browser, path: str) -> str:
    """A page in English."""
    response = browser.get(path + ("&" if "?" in path else "?") + "lang=en")
    assert response.status_code == 200
    return response.get_data(as_text=True)


def words_of(browser: Browser, path: str) -> str:
    """The page's main part, or the whole piece, without markup."""
    text = text_of(browser, path)
    main = text.partition("<main ")[2].partition("</main>")[0] or text
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def forms(page: str) -> set[str]:
    """The addresses of the forms about awards."""
    return set(re.findall(r'<form method="post" action="(/awards/[^"]+)"', page))


def set_award(award_id: int, **values: object) -> None:
    """Write `values` into the row of an award."""
    in_one_unit(lambda session: session.execute(update(Award).where(Award.id == award_id).values(**values)))


def add_notice(person_id: int, auction_id: int, kind: str, occasion: int = 0, **facts: Any) -> int:
    """The id of a new notice."""

    def work(session):  # type: ignore[no-untyped-def]
        notice = Notification(person_id=person_id, auction_id=auction_id, kind=kind, occasion=occasion, facts=facts)
        session.add(notice)
        session.flush()
        return notice.id

    return int(in_one_unit(work))


def seen_at(notice_id: int) -> datetime | None:
    """When a notice was read; None while it is unread."""
    db.session.rollback()
    return db.session.get_one(Notification, notice_id).seen_at
