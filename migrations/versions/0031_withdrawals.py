"""Standings that operators take out of running auctions."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # MariaDB does not undo what a migration did before it was interrupted, also between a table and its indexes.
    if not sa.inspect(op.get_bind()).has_table("withdrawals"):
        _make_table()
    there = {index["name"] for index in sa.inspect(op.get_bind()).get_indexes("withdrawals")}
    for columns in (["auction_id", "person_id"], ["person_id"], ["brought_in_id"]):
        if (name := f"ix_withdrawals_{'_'.join(columns)}") not in there:
            op.create_index(name, "withdrawals", columns)


def _make_table() -> None:
    op.create_table(
        "withdrawals",
        sa.Column("id", ID, nullable=False),
        sa.Column("auction_id", ID, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("ends_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("cutoff", sa.BigInteger(), nullable=False),
        sa.Column("brought_in_id", ID, nullable=True),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_withdrawals_sequence")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_withdrawals_amount")),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_withdrawals_auction_id_auctions")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_withdrawals_person_id_people")),
        sa.ForeignKeyConstraint(["brought_in_id"], ["people.id"], name=op.f("fk_withdrawals_brought_in_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawals")),
        sa.UniqueConstraint("auction_id", "sequence", name=op.f("uq_withdrawals_auction_id_sequence")),
    )


def downgrade() -> None:
    op.drop_table("withdrawals")
