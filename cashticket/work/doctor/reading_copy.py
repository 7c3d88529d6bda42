"""The reading copy: whether pages can read it, whether its account can do nothing else, and how far behind it is."""

from collections.abc import Iterable, Iterator
from time import sleep

from flask import current_app
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from cashticket.models import copy_beats, database_server, schema
from cashticket.models.reading_copy import LAG_SECONDS_MAX, ReadingCopy, configured
from cashticket.wiring import current_settings
from cashticket.work.doctor.addresses import place_of_database
from cashticket.work.doctor.database import UNREACHABLE
from cashticket.work.doctor.diagnoses import Diagnosis, Unwell, bad, ok, skipped, warn

NAMES = ("reading copy", "reading copy account", "reading copy schema", "reading copy lag")
START = "start it, or look at DATABASE_READER_URL and at the network; until then pages read the primary"
OTHER_PRIMARY = "give a replica of the database in DATABASE_URL"
GRANTS = text("SHOW GRANTS FOR CURRENT_USER()")
HARMLESS = ("GRANT SELECT ON ", "GRANT USAGE ON ")
PASSES_ON = "WITH GRANT OPTION"
LOOKS, LOOK_SECONDS = 3, 0.5
LOOKS_MAX = 7
"""So many where a beat of the primary may still be on its way."""


def look() -> Iterator[Diagnosis]:
    """What the copy says of itself, beside the primary."""
    copy = configured()
    if copy is None:
        yield from (skipped(name, "DATABASE_READER_URL is not set: pages read the primary") for name in NAMES)
        return
    place = place_of_database(current_settings().database_reader_url)
    try:
        with copy.engine.connect() as connection:
            kind = database_server.kind_of(connection)
            rights = _too_many_rights(connection)
            heads = schema.heads_of(connection)
    except DBAPIError as error:
        code = next(iter(getattr(error.orig, "args", ())), None)
        seen = UNREACHABLE[code][0] if code in UNREACHABLE else "it cannot be used"
        raise Unwell(f"{place}: {seen}", START) from error
    yield _kind(kind, place)
    yield _account(kind, rights)
    yield _schema(heads)
    yield _lag(copy)


def _too_many_rights(connection: Connection) -> list[str]:
    """The grants of the account that are about more than reading, without what they hold of a password."""
    if connection.dialect.name == "sqlite":
        return []
    return too_many_rights([str(row[0]) for row in connection.execute(GRANTS)])


def too_many_rights(grants: Iterable[str]) -> list[str]:
    """Those of these grants, as the database prints them, that are about more than reading; no password is among
    them."""
    rights = []
    for grant in grants:
        right, _, rest = grant.partition(" TO ")
        if not right.startswith(HARMLESS) or PASSES_ON in rest:
            rights.append(f"{right} {PASSES_ON}" if PASSES_ON in rest else right)
    return rights


def _kind(kind: str, place: str) -> Diagnosis:
    primary = database_server.read().kind
    if kind != primary:
        return bad("reading copy", f"{kind} answers at {place}, and the primary is {primary}", OTHER_PRIMARY)
    return ok("reading copy", f"{kind} answers at {place}")


def _account(kind: str, rights: list[str]) -> Diagnosis:
    if kind == database_server.SQLITE:
        return skipped("reading copy account", "SQLite has none")
    if rights:
        mend = "give it an account with SELECT alone (docs/operations.md, A copy that pages read)"
        return warn("reading copy account", f"it may more than read: {'; '.join(rights)}", mend)
    return ok("reading copy account", "it may read and nothing else")


def _schema(heads: frozenset[str]) -> Diagnosis:
    primary = schema.condition(str(current_app.extensions["migrate"].directory)).heads
    if heads == primary:
        return ok("reading copy schema", f"revision {', '.join(sorted(heads))}, as the primary")
    present, needed = (", ".join(sorted(each)) or "none" for each in (heads, primary))
    mend = "look whether it still follows the primary (SHOW REPLICA STATUS)"
    return warn("reading copy schema", f"its tables are of revision {present}, the primary's of {needed}", mend)


def _lag(copy: ReadingCopy) -> Diagnosis:
    """Measured by the beats of the watch; nothing is written for it."""
    for looks in range(1, LOOKS_MAX + 1):
        copy.look()
        if copy.is_fresh():
            return ok("reading copy lag", f"{max(copy.lag_seconds or 0, 0):.1f} s behind, beats included")
        if looks >= LOOKS and not _is_unproven(copy):
            break
        sleep(LOOK_SECONDS)
    if copy.lag_seconds is None:
        mend = f"start the watch with DATABASE_READER_URL: it gives the beats ({copy_beats.CopyBeat.__tablename__})"
        return warn("reading copy lag", "it has no beat yet, so pages read the primary", mend)
    if _is_unproven(copy):
        return bad("reading copy lag", "its beats are none of the primary: it follows another one", OTHER_PRIMARY)
    seen = f"its newest beat is {copy.lag_seconds:,.1f} s old; above {LAG_SECONDS_MAX:.0f} s pages read the primary"
    mend = "see `watch`, which gives the beats; then look at SHOW REPLICA STATUS on the copy and at the clocks"
    return warn("reading copy lag", seen, mend)


def _is_unproven(copy: ReadingCopy) -> bool:
    """Whether its beats are fresh, and none of them was seen on the primary."""
    return copy.lag_seconds is not None and abs(copy.lag_seconds) <= LAG_SECONDS_MAX and not copy.follows
