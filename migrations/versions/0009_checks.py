"""How far each auction has been checked, and what was found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    # Auctions that have ended were checked by the job that settled them. Running ones get a row from the watch.
    op.create_table(
        "checks",
        sa.Column("auction_id", ID, autoincrement=False, nullable=False),
        sa.Column("through_sequence", sa.Integer(), nullable=False),
        sa.Column("last_ms", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("resolved", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("checked_on", sa.String(100), nullable=False),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("fault", sa.String(500), nullable=True),
        sa.Column("whole_begun_at", MOMENT, nullable=True),
        sa.Column("whole_at", MOMENT, nullable=True),
        sa.Column("whole_fault", sa.String(500), nullable=True),
        sa.Column("final_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_checks_auction_id_auctions")),
        sa.PrimaryKeyConstraint("auction_id", name=op.f("pk_checks")),
    )
    op.create_index(op.f("ix_checks_final_at"), "checks", ["final_at"])


def downgrade() -> None:
    op.drop_table("checks")
