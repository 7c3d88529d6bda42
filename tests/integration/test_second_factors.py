"""Second factors on both databases: one proof at a time, what is erased, and a change of the key."""

import contextvars
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import select

from cashticket.accounts import one_time_codes, pending_sign_ins, second_factor_changes, second_factors
from cashticket.accounts.blocking import block
from cashticket.accounts.passkey_ceremonies import NewKey
from cashticket.accounts.renewed_seals import Renewed, renew_seals
from cashticket.accounts.second_factor_proofs import prove
from cashticket.accounts.second_factors import FactorRefused, Means, Proof
from cashticket.extensions import db
from cashticket.models import AuthenticatorApp, Passkey, PendingSignIn, RecoveryCode, WrongCode
from cashticket.models.columns import utcnow
from tests.fixtures.people import make_person

AT_ONCE = 8
KEYS = ("the present key",)
MEANS = Means(None, KEYS)
SECRET = one_time_codes.new_secret()


def set_app(person_id: int, keys: tuple[str, ...] = KEYS) -> list[str]:
    """Set up an app with SECRET by the present code. Returns the recovery codes."""
    code = one_time_codes.app_code(SECRET, one_time_codes.step_at(utcnow()))
    return second_factor_changes.set_app(person_id, SECRET, code, keys, utcnow()).codes


def next_code() -> str:
    """A code that was not used when the app was set up, and that works for half a minute at least."""
    return one_time_codes.app_code(SECRET, one_time_codes.step_at(utcnow()) + 1)


def all_at_once(app: Flask, work: Callable[[], object]) -> Counter[str]:
    """Run `work` in several threads that start together. Returns how often each outcome came."""
    barrier = Barrier(AT_ONCE)

    def one(_: int) -> str:
        with app.app_context():
            barrier.wait()
            try:
                return str(work())
            except FactorRefused as refused:
                return refused.reason
            finally:
                db.session.remove()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(lambda number: contextvars.Context().run(one, number), range(AT_ONCE)))


def test_a_code_sent_many_times_at_once_proves_one_of_them(app: Flask) -> None:
    person = make_person("alice").id
    set_app(person)
    code = next_code()
    outcomes = all_at_once(app, lambda: prove(person, Proof(code=code), MEANS, utcnow()).method)
    assert outcomes == {"app": 1, "used": AT_ONCE - 1}


def test_a_recovery_code_sent_many_times_at_once_proves_one_of_them(app: Flask) -> None:
    person = make_person("alice").id
    code = set_app(person)[0]
    outcomes = all_at_once(app, lambda: prove(person, Proof(code=code), MEANS, utcnow()).method)
    assert outcomes == {"recovery_code": 1, "wrong": AT_ONCE - 1}
    assert second_factors.factors_of(person).codes_left == 9


def test_wrong_codes_sent_at_once_are_all_counted(app: Flask) -> None:
    person = make_person("alice").id
    set_app(person)
    wrong = next(code for code in ("000000", "111111", "222222", "333333") if one_time_codes.matching_step(
        SECRET, code, utcnow()) is None)  # fmt: skip
    for _ in range(2):
        all_at_once(app, lambda: prove(person, Proof(code=wrong), MEANS, utcnow()).method)
    assert len(db.session.scalars(select(WrongCode)).all()) == 10, "the eleventh is not checked any more"


def test_tries_of_a_pending_sign_in_are_five_also_at_once(app: Flask) -> None:
    token = pending_sign_ins.begin(make_person("alice"), utcnow())
    outcomes = all_at_once(app, lambda: pending_sign_ins.take_try(token, utcnow()))
    assert outcomes == {"True": 5, "False": AT_ONCE - 5}


def test_a_pending_sign_in_is_finished_once(app: Flask) -> None:
    token = pending_sign_ins.begin(make_person("alice"), utcnow())
    assert all_at_once(app, lambda: pending_sign_ins.finish(token, utcnow()))["True"] == 1


def test_a_blocked_account_has_no_factor_and_no_trace_of_one(app: Flask) -> None:
    person = make_person("alice")
    set_app(person.id)
    second_factor_changes.add_passkey(person.id, NewKey("id", "key", 0), "phone", "handle", "challenge", utcnow())
    pending_sign_ins.begin(person, utcnow())
    other = make_person("bob").id
    set_app(other)
    block(person.id)
    for table in (AuthenticatorApp, Passkey, RecoveryCode, PendingSignIn, WrongCode):
        rows = db.session.scalars(select(table.person_id).where(table.person_id == person.id)).all()
        assert not rows, table.__tablename__
    assert second_factors.any_set(other)


def test_a_new_key_takes_over_the_secrets_of_the_former_one(app: Flask) -> None:
    alice, bob = make_person("alice").id, make_person("bob").id
    set_app(alice, ("former",))
    set_app(bob, ("forgotten",))
    assert renew_seals(("new", "former")) == Renewed(1, 1)
    assert renew_seals(("new",)) == Renewed(0, 1)
    assert prove(alice, Proof(code=next_code()), Means(None, ("new",)), utcnow()).person_id == alice


def test_a_code_renews_the_seal_of_its_secret(app: Flask) -> None:
    alice = make_person("alice").id
    set_app(alice, ("former",))
    prove(alice, Proof(code=next_code()), Means(None, ("new", "former")), utcnow())
    assert renew_seals(("new",)) == Renewed(0, 0)
