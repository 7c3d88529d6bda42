"""Time in which an auction took no bids, and how far its end moved for it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    # Auctions that moved before have no rows: earlier releases gave no time back by themselves.
    op.create_table(
        "outages",
        sa.Column("id", ID, nullable=False),
        sa.Column("auction_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("ends_before", MOMENT, nullable=False),
        sa.Column("ends_after", MOMENT, nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_outages_number")),
        sa.CheckConstraint("began_at <= ended_at", name=op.f("ck_outages_time")),
        sa.CheckConstraint("ends_before <= ends_after", name=op.f("ck_outages_end")),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_outages_auction_id_auctions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outages")),
        sa.UniqueConstraint("auction_id", "number", name=op.f("uq_outages_auction_id_number")),
    )


def downgrade() -> None:
    op.drop_table("outages")
