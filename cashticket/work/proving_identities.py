"""Verifying who somebody is: begun for a session, sent to the provider, judged by what the provider has seen.

A provider on another machine is asked by the worker `mail`, so that no page waits for it and no web process reaches
outside; what it answers is stored nowhere.
"""

import logging
import time
from datetime import datetime
from functools import partial

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cashticket import redis_keys
from cashticket.accounts import people
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.engine.interface import Engine
from cashticket.extensions import db
from cashticket.identity import checks
from cashticket.identity.provider import Beginning, Identity, NotIdentified, Provider, ProviderAway
from cashticket.identity.providers import provider
from cashticket.logs.failures import failure_text
from cashticket.models import IdentityCheck
from cashticket.models.columns import utcnow
from cashticket.models.identity_checks import CheckOutcome
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_settings
from cashticket.work import identity_queueing
from cashticket.work.introducing import introduce_again
from cashticket.work.pressing_jobs import note_trouble

log = logging.getLogger(__name__)

ASKING_SECONDS = 20.0
"""How long one job asks for the answers that wait, so that mails get their turn."""


def here() -> Provider:
    """The provider of this site. Only where IDENTITY_URL is set."""
    settings = current_settings()
    return provider(settings.identity_url, settings.signing_keys)


def begin(person_id: int, handle: str, back: str) -> str:
    """Begin a verification in the session with this handle; the browser returns to `back`. Returns the path where the
    person goes on. Raises people.PersonNotFound."""
    now = utcnow()

    def work(session: Session) -> IdentityCheck:
        checks.delete_old(session, now)
        return checks.begin(session, people.locked(session, person_id), handle, now)

    return here().begin(Beginning(in_one_unit(work).reference, back, now))


def came_back(engine: Engine, person_id: int, handle: str, reference: str, returned: str) -> CheckOutcome | None:
    """Go on with a verification with which a browser came back. Returns what became of it; None while the provider is
    being asked. Raises people.PersonNotFound."""
    now = utcnow()

    def work(session: Session) -> IdentityCheck | None:
        return checks.came_back(session, people.locked(session, person_id), handle, reference, now)

    check = in_one_unit(work)
    if check is None or check.outcome is not None:
        refused = check.outcome if check is not None and check.outcome is not None else CheckOutcome.ENDED
        record(SecurityEvent.IDENTITY_REFUSED, person_id=person_id, outcome=refused)
        return refused
    if here().is_remote:
        identity_queueing.ask_soon()
        return None
    return _finish(engine, check, returned, now)


def ask_waiting(engine: Engine) -> int:
    """Fetch the answers of verifications whose browsers came back, for ASKING_SECONDS, and judge them. Returns how many
    got none, because the provider is away: whoever looks at the page of such a verification has it asked again."""
    if not current_settings().identity_url:
        log.error("people wait for the answer of a provider, but this process has no IDENTITY_URL")
        return 0
    now, left, ends_at = utcnow(), 0, time.monotonic() + ASKING_SECONDS
    for check in in_one_unit(lambda session: checks.waiting(session, now)):
        if time.monotonic() >= ends_at:
            break
        try:
            _finish(engine, check, "", now)
        except ProviderAway as error:
            log.warning("verification %s waits: %s", check.id, failure_text(error))
            note_trouble(redis_keys.IDENTITY_TROUBLE)
            left += 1
    return left


def _finish(engine: Engine, check: IdentityCheck, returned: str, now: datetime) -> CheckOutcome | None:
    # No transaction stays open while a provider takes its time.
    db.session.rollback()
    try:
        outcome = _judged(check, here().answer(check.reference, returned, now), now)
    except NotIdentified as refusal:
        outcome = refusal.outcome
        in_one_unit(partial(checks.refuse, check=check, outcome=refusal.outcome))
    if outcome is CheckOutcome.PROVEN:
        record(SecurityEvent.IDENTITY_PROVEN, person_id=check.person_id)
        if person := people.person(check.person_id):
            introduce_again(engine, person)
    elif outcome is not None:
        record(SecurityEvent.IDENTITY_REFUSED, person_id=check.person_id, outcome=outcome)
    return outcome


def _judged(check: IdentityCheck, identity: Identity, now: datetime) -> CheckOutcome | None:
    key = current_settings().identity_key

    def work(session: Session) -> CheckOutcome | None:
        return checks.prove(session, people.locked(session, check.person_id), check.reference, identity, key, now)

    try:
        return in_one_unit(work)
    except IntegrityError:
        # Another account became this person's between our look and our write; the second look sees that.
        return in_one_unit(work)
