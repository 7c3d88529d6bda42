"""Mail addresses that a mail server refused for good."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only for plain INTEGER keys.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
# Compared byte by byte, on MariaDB too.
KEY = sa.String(32).with_variant(mysql.VARCHAR(32, charset="ascii", collation="ascii_bin"), "mysql", "mariadb")


def upgrade() -> None:
    # MariaDB does not undo what a migration did before it was interrupted.
    if sa.inspect(op.get_bind()).has_table("refused_addresses"):
        return
    op.create_table(
        "refused_addresses",
        sa.Column("id", ID, nullable=False),
        sa.Column("address_key", KEY, nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("by_operator", sa.Boolean(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_addresses")),
        sa.UniqueConstraint("address_key", name=op.f("uq_refused_addresses_address_key")),
    )


def downgrade() -> None:
    op.drop_table("refused_addresses")
