"""Since when the line of an auction is paused: no freed seat is offered meanwhile."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.add_column("auctions", sa.Column("line_paused_at", MOMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("auctions", "line_paused_at")
