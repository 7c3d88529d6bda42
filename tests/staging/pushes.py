"""Pushes for tests: a site with keys, phones of people, and deliverers that send whatever time the test says it is."""

import threading
from dataclasses import replace
from datetime import datetime

from flask import Flask
from sqlalchemy import select

from cashticket.accounts import push_devices
from cashticket.extensions import db
from cashticket.models import PushSubscription, SignIn
from cashticket.models.columns import utcnow
from cashticket.models.outbox import Channel, OutboxMessage
from cashticket.models.units import in_one_unit
from cashticket.notify.vapid_keys import make_pair
from cashticket.wiring import current_engine
from cashticket.work import push_delivering
from tests.staging.outbox import messages
from tests.staging.push_service import Phone, PushService


def use_push_service(app: Flask, service: PushService) -> str:
    """Give the site keys, and let it push to this service alone. Returns the public key."""
    public, private = make_pair()
    keys = {"vapid_public_key": public, "vapid_private_key": private, "push_hosts": (service.origin,)}
    app.extensions["settings"] = replace(app.extensions["settings"], **keys)
    return public


def session_of(person_id: int, handle: str) -> str:
    """A session of a person, who may not be able to sign in. Returns its handle."""
    in_one_unit(lambda session: session.add(SignIn(person_id=person_id, handle=handle, browser="")))
    return handle


def phone_of(service: PushService, person_id: int, name: str = "phone", locale: str = "ko") -> Phone:
    """A subscribed phone of a person, in a session of its own."""
    phone = Phone(service, f"/push/{person_id}/{name}")
    push_devices.subscribe(person_id, session_of(person_id, f"{person_id}-{name}"), phone.device, locale)
    return phone


def devices_of(person_id: int) -> list[str]:
    """Where the devices of a person are reached, oldest first."""
    db.session.rollback()
    own = select(PushSubscription.endpoint).where(PushSubscription.person_id == person_id)
    return list(db.session.scalars(own.order_by(PushSubscription.id)))


def pushes() -> list[OutboxMessage]:
    """Every push in the outbox, oldest first."""
    return messages(channel=Channel.PUSH)


def push(at: datetime | None = None, seconds: float = 30) -> bool:
    """Run a deliverer of pushes as if it were `at` (UTC). Returns whether more is due."""
    return push_delivering.deliver(current_engine(), threading.Event(), seconds, clock=lambda: at or utcnow())
