"""Bids that were answered and cannot be kept, and on which process of the live store an auction was accounted for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
REQUEST = sa.String(length=64).with_variant(
    mysql.VARCHAR(64, charset="ascii", collation="ascii_bin"), "mysql", "mariadb"
)


def upgrade() -> None:
    op.create_table(
        "given_up_bids",
        sa.Column("id", ID, nullable=False),
        sa.Column("auction_id", ID, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("request_id", REQUEST, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("given_up_at", MOMENT, nullable=False),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_given_up_bids_sequence")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_given_up_bids_amount")),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_given_up_bids_auction_id_auctions")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_given_up_bids_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_given_up_bids")),
        sa.UniqueConstraint(
            "auction_id",
            "sequence",
            "person_id",
            "request_id",
            name=op.f("uq_given_up_bids_auction_id_sequence_person_id_request_id"),
        ),
    )
    op.create_index(op.f("ix_given_up_bids_person_id"), "given_up_bids", ["person_id"])
    # Empty for auctions of earlier releases, which had no witnesses.
    op.add_column("checks", sa.Column("accounted_on", sa.String(length=100), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("checks", "accounted_on")
    op.drop_table("given_up_bids")
