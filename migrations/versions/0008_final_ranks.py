"""The final ranks of finished auctions, one row for each bidder, and who is still to be told how an auction ended.

Ranks of auctions that are finished already are computed from their bids here, in batches. On MariaDB each auction is
committed by itself; a run that was interrupted is repeated and goes on.
"""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
ROWS = 1_000
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

BIDS = sa.table("bids", *(sa.column(name, sa.BigInteger) for name in ("auction_id", "person_id", "amount", "sequence")))
FINAL_RANKS = sa.table(
    "final_ranks",
    *(sa.column(name) for name in ("auction_id", "rank", "person_id", "amount", "sequence", "alias", "line_place")),
    *(sa.column("waiting", sa.Boolean), sa.column("passed_over"), sa.column("told_at", MOMENT)),
)


def upgrade() -> None:
    # MariaDB does not undo what a migration did before it was interrupted.
    inspector = sa.inspect(op.get_bind())
    if not inspector.has_table("final_ranks"):
        create_final_ranks()
    columns = {column["name"] for column in inspector.get_columns("auctions")}
    if "ranked_at" not in columns:
        # Not in batch mode: SQLite would copy the table, which others refer to.
        op.add_column("auctions", sa.Column("ranked_at", MOMENT, nullable=True))
    if "telling_since" not in columns:
        op.add_column("auctions", sa.Column("telling_since", MOMENT, nullable=True))
    if "ix_auctions_telling_since" not in {index["name"] for index in inspector.get_indexes("auctions")}:
        op.create_index(op.f("ix_auctions_telling_since"), "auctions", ["telling_since"])
    rank_finished_auctions(op.get_bind())


def downgrade() -> None:
    op.drop_index(op.f("ix_auctions_telling_since"), "auctions")
    op.drop_column("auctions", "telling_since")
    op.drop_column("auctions", "ranked_at")
    op.drop_table("final_ranks")


def create_final_ranks() -> None:
    op.create_table(
        "final_ranks",
        sa.Column("auction_id", ID, autoincrement=False, nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("alias", sa.String(6), nullable=False),
        sa.Column("line_place", sa.Integer(), nullable=True),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("passed_over", sa.String(16), nullable=True),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_final_ranks_auction_id_auctions")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_final_ranks_person_id_people")),
        sa.PrimaryKeyConstraint("auction_id", "rank", name=op.f("pk_final_ranks")),
        sa.UniqueConstraint("auction_id", "person_id", name=op.f("uq_final_ranks_auction_id_person_id")),
    )
    op.create_index(op.f("ix_final_ranks_person_id"), "final_ranks", ["person_id"])
    op.create_index("ix_final_ranks_line", "final_ranks", ["auction_id", "waiting", "line_place"])
    op.create_index("ix_final_ranks_alias", "final_ranks", ["auction_id", "alias"])
    op.create_index("ix_final_ranks_untold", "final_ranks", ["auction_id", "told_at", "rank"])


def rank_finished_auctions(connection: sa.Connection) -> None:
    finished = sa.text(
        "SELECT id, concert_id, alias_salt, state, settled_at FROM auctions "
        "WHERE state IN ('settled', 'voided') AND ranked_at IS NULL ORDER BY id"
    )
    finished = finished.columns(settled_at=MOMENT)
    for auction in connection.execute(finished).all():
        connection.execute(sa.text("DELETE FROM final_ranks WHERE auction_id = :id"), {"id": auction.id})
        ended_at = auction.settled_at or datetime.now(UTC).replace(tzinfo=None)
        rank_bidders(connection, auction, ended_at)
        ranked = sa.text("UPDATE auctions SET ranked_at = :at WHERE id = :id").bindparams(
            sa.bindparam("at", type_=MOMENT)
        )
        connection.execute(ranked, {"at": ended_at, "id": auction.id})
        if connection.dialect.name != "sqlite":
            connection.exec_driver_sql("COMMIT")


def rank_bidders(connection: sa.Connection, auction: Any, ended_at: datetime) -> None:
    """Store the ranks of one auction. All its bidders were told how it ended."""
    facts = facts_of(connection, auction)
    # Older releases kept the whole order of an auction in memory as well.
    order, won = order_of(connection, auction.id), 0
    for first in range(0, len(order), ROWS):
        values = []
        for rank, (person, amount, sequence) in enumerate(order[first : first + ROWS], first + 1):
            won += person in facts.winners
            in_line = auction.settled_at is not None and person not in facts.winners
            values.append(
                {
                    "auction_id": auction.id,
                    "rank": rank,
                    "person_id": person,
                    "amount": amount,
                    "sequence": sequence,
                    "alias": alias(auction.alias_salt, auction.id, person),
                    "line_place": rank - won if in_line else None,
                    "waiting": in_line and person not in facts.out_of_line,
                    "passed_over": facts.passed_over.get(person),
                    "told_at": ended_at,
                }
            )
        connection.execute(FINAL_RANKS.insert(), values)


class Facts:
    """What one auction made of its bidders: who won, who is out of the line now, and who was passed over, and why."""

    def __init__(self, winners: set[int], out_of_line: set[int], passed_over: dict[int, str]) -> None:
        self.winners, self.out_of_line, self.passed_over = winners, out_of_line, passed_over


def facts_of(connection: sa.Connection, auction: Any) -> Facts:
    of = {"auction": auction.id, "concert": auction.concert_id}

    def people(sql: str) -> set[int]:
        return set(connection.execute(sa.text(sql), of).scalars())

    awarded = people("SELECT person_id FROM awards WHERE auction_id = :auction")
    holders = people("SELECT person_id FROM awards WHERE concert_id = :concert AND live = 1")
    barred = people("SELECT id FROM people WHERE blocked_at IS NOT NULL OR closed_at IS NOT NULL")
    winners = people("SELECT person_id FROM awards WHERE auction_id = :auction AND previous_id IS NULL")
    notices = sa.text("SELECT person_id, facts FROM notifications WHERE auction_id = :auction AND kind = 'passed_over'")
    passed_over = {row.person_id: row.facts["why"] for row in connection.execute(notices.columns(facts=sa.JSON), of)}
    return Facts(winners, awarded | holders | barred, passed_over)


def order_of(connection: sa.Connection, auction_id: int) -> list[Any]:
    """The final order as (person, amount, sequence): the newest bid of each person, best first."""
    newest = (
        sa.select(sa.func.max(BIDS.c.sequence).label("sequence"))
        .where(BIDS.c.auction_id == auction_id)
        .group_by(BIDS.c.person_id)
        .subquery()
    )
    rows = (
        sa.select(BIDS.c.person_id, BIDS.c.amount, BIDS.c.sequence)
        .join(newest, BIDS.c.sequence == newest.c.sequence)
        .where(BIDS.c.auction_id == auction_id)
    )
    return list(connection.execute(rows.order_by(BIDS.c.amount.desc(), BIDS.c.sequence)))


def alias(salt: str, auction_id: int, person: int) -> str:
    """The alias as the product made it when this migration was written."""
    text = str(person) if salt.startswith("c:") else f"{auction_id}:{person}"
    number = int.from_bytes(hmac.new(salt.encode(), text.encode(), hashlib.sha256).digest()[:8], "big")
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(6)))
