"""The beat by which processes know how far behind the reading copy of the database is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    # MariaDB does not undo what a migration did before it was interrupted.
    if sa.inspect(op.get_bind()).has_table("copy_beats"):
        return
    op.create_table(
        "copy_beats",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy_beats")),
    )


def downgrade() -> None:
    op.drop_table("copy_beats")
