"""In which form each revision was applied. `migrations/env.py` fills it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
HASH = sa.String(64).with_variant(mysql.VARCHAR(64, charset="ascii", collation="ascii_bin"), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "applied_revisions",
        sa.Column("revision", sa.String(length=32), nullable=False),
        sa.Column("digest", HASH, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_applied_revisions")),
    )


def downgrade() -> None:
    op.drop_table("applied_revisions")
