"""The migrations of withdrawals, proven phones and identities may be interrupted anywhere and repeated, and be taken
back with rows in them."""

import flask_migrate
from flask import Flask
from sqlalchemy import inspect, select, text

from cashticket.auction.identity_terms import IdentityTerm
from cashticket.extensions import db
from cashticket.models import Auction, IdentityCheck, Person, PersonKey, PhoneCode, Withdrawal
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from tests.integration.test_schema import unmigrated
from tests.staging.rows import add_auction, add_person

__all__ = ["unmigrated"]

BEFORE = "0030"
INDEXES = {
    "withdrawals": "ix_withdrawals_auction_id_person_id",
    "phone_codes": "ix_phone_codes_created_at",
    "identity_checks": "ix_identity_checks_returned_at",
    "person_keys": "ix_person_keys_kept_until",
}


def indexes() -> set[str | None]:
    db.session.remove()
    db.engine.dispose()
    return {index["name"] for table in INDEXES for index in inspect(db.engine).get_indexes(table)}


def add_rows() -> tuple[int, int]:
    """A row in every new table and column. Returns the ids of the person and the auction."""
    person = add_person("alice", phone="+821012345678", phone_proven_at=utcnow(), identity_proven_at=utcnow())
    auction = add_auction(identity=IdentityTerm.IDENTITY)
    own = {"person_id": person.id}
    numbers = {"sequence": 1, "amount": 100_000, "at_ms": 1, "ends_at_ms": 2, "rank": 1, "cutoff": 100_000}
    rows = [
        Withdrawal(auction_id=auction.id, **own, **numbers),
        PhoneCode(**own, phone="+821012345678", nonce="n"),
        IdentityCheck(**own, reference="identity-1", session_hash="h"),
        PersonKey(**own, key_hash="k"),
    ]
    in_one_unit(lambda session: session.add_all(rows))
    return person.id, auction.id


def test_they_may_be_interrupted_between_a_table_and_its_index_and_be_taken_back_with_rows(unmigrated: Flask) -> None:
    flask_migrate.upgrade()
    complete = indexes()
    with db.engine.begin() as connection:
        for table, name in INDEXES.items():
            on = f" ON {table}" if connection.dialect.name != "sqlite" else ""
            connection.execute(text(f"DROP INDEX {name}{on}"))
        connection.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": BEFORE})
    db.engine.dispose()
    flask_migrate.upgrade()
    assert set(INDEXES.values()) <= indexes() == complete
    person, auction = add_rows()
    flask_migrate.downgrade(revision=BEFORE)
    assert not inspect(db.engine).has_table("withdrawals") and not inspect(db.engine).has_table("person_keys")
    db.session.remove()
    db.engine.dispose()
    flask_migrate.upgrade()
    assert indexes() == complete
    assert db.session.get_one(Auction, auction).identity is IdentityTerm.NONE
    back = db.session.get_one(Person, person)
    assert (back.phone, back.phone_proven_at, back.identity_proven_at) == ("+821012345678", None, None)
    assert db.session.scalars(select(Withdrawal)).all() == []
    db.session.remove()
    db.engine.dispose()
