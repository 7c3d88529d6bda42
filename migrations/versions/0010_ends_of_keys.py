"""When an auction was voided, and when its keys left the live store."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.add_column("auctions", sa.Column("voided_at", MOMENT, nullable=True))
    op.add_column("auctions", sa.Column("keys_left_at", MOMENT, nullable=True))
    op.create_index(op.f("ix_auctions_keys_left_at"), "auctions", ["keys_left_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_auctions_keys_left_at"), table_name="auctions")
    op.drop_column("auctions", "keys_left_at")
    op.drop_column("auctions", "voided_at")
