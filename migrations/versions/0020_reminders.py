"""Auctions that people follow, and when the holder of a right to buy is reminded next."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only for plain INTEGER keys.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "follows",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("auction_id", ID, nullable=False),
        sa.Column("reminded", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_follows_person_id_people")),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_follows_auction_id_auctions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follows")),
        sa.UniqueConstraint("person_id", "auction_id", name=op.f("uq_follows_person_id_auction_id")),
    )
    op.create_index("ix_follows_due", "follows", ["auction_id", "reminded", "id"])
    op.add_column("awards", sa.Column("remind_at", MOMENT, nullable=True))
    op.create_index("ix_awards_reminders", "awards", ["state", "remind_at"])
    # The next round finds out which reminder of these comes when.
    op.execute("UPDATE awards SET remind_at = offered_at WHERE state = 'offered'")


def downgrade() -> None:
    op.drop_index("ix_awards_reminders", table_name="awards")
    op.drop_column("awards", "remind_at")
    # A table takes its indexes with it.
    op.drop_table("follows")
