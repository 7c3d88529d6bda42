"""The outbox: everything that leaves by mail, with its due time, tries and state."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only for plain INTEGER keys.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def exact_text(length: int) -> sa.String:
    """Compared byte by byte, on MariaDB too."""
    exact = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return sa.String(length).with_variant(exact, "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("reference", ID, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=True),
        sa.Column("address_key", exact_text(32), nullable=True),
        sa.Column("asker_key", exact_text(32), nullable=True),
        sa.Column("locale", sa.String(length=2), nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.Column("lease_owner", exact_text(32), nullable=True),
        sa.Column("last_error", sa.String(length=80), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("channel", "source", "reference", name=op.f("uq_outbox_channel_source_reference")),
    )
    op.create_index("ix_outbox_due", "outbox", ["state", "priority", "due_at"])
    op.create_index("ix_outbox_address", "outbox", ["address_key", "state"])
    op.create_index("ix_outbox_asker", "outbox", ["asker_key", "state"])
    op.create_index(op.f("ix_outbox_ended_at"), "outbox", ["ended_at"])


def downgrade() -> None:
    # The version before this one looks for mails that nobody has sent by their empty `mailed_at`.
    for table, source in (("account_mails", "account_mail"), ("notifications", "notice")):
        op.execute(
            f"UPDATE {table} SET mailed_at = NULL WHERE id IN (SELECT reference FROM outbox "  # noqa: S608 - constants
            f"WHERE source = '{source}' AND state IN ('waiting', 'leased'))"
        )
    op.drop_table("outbox")
