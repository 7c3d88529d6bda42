"""Since when somebody has left the line of an auction for good."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.add_column("final_ranks", sa.Column("left_at", MOMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("final_ranks", "left_at")
