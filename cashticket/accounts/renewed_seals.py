"""After a change of SECRET_KEY: encrypts the secrets of authenticator apps with the present key, in windows."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from cashticket.accounts.sealed_secrets import seal, unseal
from cashticket.models import AuthenticatorApp
from cashticket.models.units import in_one_unit

WINDOW = 500


class Renewed(NamedTuple):
    """How many secrets have the present key now, and how many no key opens."""

    renewed: int
    unreadable: int


def renew_seals(secret_keys: Sequence[str]) -> Renewed:
    """Encrypt every secret with the first key that has a former one. May be interrupted and repeated."""
    renewed, unreadable, after = 0, 0, 0
    while True:
        window = in_one_unit(partial(_renew_window, after=after, keys=secret_keys))
        if window is None:
            return Renewed(renewed, unreadable)
        after, renewed, unreadable = window[0], renewed + window[1], unreadable + window[2]


def _renew_window(session: Session, after: int, keys: Sequence[str]) -> tuple[int, int, int] | None:
    """The last person of the next window, and what became of its secrets; None behind the last window."""
    rows = select(AuthenticatorApp).where(AuthenticatorApp.person_id > after).order_by(AuthenticatorApp.person_id)
    apps = session.scalars(rows.limit(WINDOW).with_for_update()).all()
    renewed = unreadable = 0
    for app in apps:
        owner = str(app.person_id)
        if unseal(app.sealed_secret, owner, keys[:1]) is not None:
            continue
        secret = unseal(app.sealed_secret, owner, keys)
        if secret is None:
            unreadable += 1
        else:
            app.sealed_secret = seal(secret, owner, keys)
            renewed += 1
    return (apps[-1].person_id, renewed, unreadable) if apps else None
