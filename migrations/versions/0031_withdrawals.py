"""Standings that operators take out of running auctions."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # MariaDB does not undo what a migration did before it was interrupted.
    if sa.inspect(op.get_bind()).has_table("withdrawals"):
        return
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
    op.create_index("ix_withdrawals_auction_id_person_id", "withdrawals", ["auction_id", "person_id"])
    op.create_index(op.f("ix_withdrawals_person_id"), "withdrawals", ["person_id"])
    op.create_index(op.f("ix_withdrawals_brought_in_id"), "withdrawals", ["brought_in_id"])


def downgrade() -> None:
    op.drop_table("withdrawals")
