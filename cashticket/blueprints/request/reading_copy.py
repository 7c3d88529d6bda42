"""Which doors read the copy of the database (`models/reading_copy`), and who reads the primary instead.

A page never shows less than was answered or told. So its reader reads the primary for 5 seconds after every form that
was taken, on all pages of that browser, and for TOLD_SECONDS after a notice, on every device. What is still missing in
the copy (`require`), or fails there, is made once more from the primary.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import NotFound

from cashticket.blueprints.request.context import present_request
from cashticket.blueprints.request.cookies import own_cookie_name, set_own_cookie
from cashticket.blueprints.request.identity import current_principal
from cashticket.models.columns import utcnow
from cashticket.models.reading_copy import Behind, ReadingCopy, configured, forget_what_was_read, reading
from cashticket.models.units import LOCK_SECONDS

blueprint = Blueprint("reading_copy", __name__)

View = TypeVar("View", bound=Callable[..., Any])
T = TypeVar("T")

WROTE = "wrote"
WROTE_SECONDS = 5
"""The browser itself counts them, from the answer on, so that no clock of ours is compared with another."""

TOLD_SECONDS = WROTE_SECONDS + LOCK_SECONDS
"""A notice has the moment at which it was written; it is seen once its unit is committed, which may wait for locks."""

READS = ("GET", "HEAD", "OPTIONS")


def reads_copy_of_own(view: View) -> View:
    """Decorates a door of a signed-in person, below `signed_in_page`: the session itself is looked up in the primary
    before."""

    @wraps(view)
    def routed(*args: Any, **kwargs: Any) -> Any:
        return read_own(lambda: view(*args, **kwargs))

    return cast(View, routed)


def read_own(make: Callable[[], T]) -> T:
    """What `make` gives for a reader whose session was looked up, read in the copy if that has all they were told."""
    return make() if configured() is None or _must_see_newest() else read_for_all(make)


def read_for_all(make: Callable[[], T]) -> T:
    """What `make` gives, read in the copy; from the primary if that is not fresh, fails, or lacks something."""
    copy = fresh_copy()
    if copy is None:
        return make()
    try:
        with reading(copy):
            return make()
    except (Behind, NotFound):
        pass
    except SQLAlchemyError as error:
        copy.rest(error)
    forget_what_was_read()
    with reading(None):
        return make()


def fresh_copy() -> ReadingCopy | None:
    """The copy, if pages may read it now. Asks nobody."""
    copy = configured()
    if copy is None:
        return None
    copy.start()
    return copy if copy.is_fresh() else None


def _must_see_newest() -> bool:
    principal = current_principal()
    if principal is None or own_cookie_name(WROTE) in present_request().cookies:
        return True
    told_at = principal.told_at
    return told_at is not None and utcnow() - told_at < timedelta(seconds=TOLD_SECONDS)


@blueprint.after_app_request
def note_write(response: Response) -> Response:
    """Let the browser that sent a form which was taken read the primary for a while."""
    if configured() is not None and present_request().method not in READS and response.status_code < 400:
        set_own_cookie(response, WROTE, "1", WROTE_SECONDS)
    return response
