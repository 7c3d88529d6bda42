"""Proving a phone: a code is stored with its SMS, which leaves from the outbox; the right code proves the number, and
every open auction is told."""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cashticket.accounts import people
from cashticket.engine.interface import Engine
from cashticket.identity import phone_codes
from cashticket.identity.phone_codes import Outcome, Proof
from cashticket.models import PhoneCode
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_settings
from cashticket.work import sms_queueing
from cashticket.work.introducing import introduce_again


def send_code(person_id: int, phone: str) -> PhoneCode:
    """Have a code sent to a number (E.164). Nobody waits for the gateway. Raises people.PersonNotFound."""

    def work(session: Session) -> PhoneCode:
        return phone_codes.begin(session, people.locked(session, person_id), phone, utcnow())

    code = in_one_unit(work)
    sms_queueing.send_soon()
    return code


def prove(engine: Engine, person_id: int, typed: str) -> Proof:
    """Judge a typed code. A right one makes the number the person's own, proven, and every open auction is told. Raises
    people.PersonNotFound."""
    keys = current_settings().signing_keys

    def work(session: Session) -> Proof:
        return phone_codes.prove(session, people.locked(session, person_id), typed, keys, utcnow())

    try:
        proof = in_one_unit(work)
    except IntegrityError:
        # Another account took or proved the number between our look and our write; the second look sees that.
        proof = in_one_unit(work)
    if proof.outcome is Outcome.PROVEN and (person := people.person(person_id)):
        introduce_again(engine, person)
    return proof
