"""Devices that people let us push to, what they do not want, and messages of the outbox to one device."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only for plain INTEGER keys.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
ONE_A_CAUSE = "uq_outbox_channel_source_reference"
ONE_A_CAUSE_AND_DEVICE = "uq_outbox_channel_source_reference_device_id"


def exact_text(length: int) -> sa.String:
    """Compared byte by byte, on MariaDB too."""
    exact = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return sa.String(length).with_variant(exact, "mysql", "mariadb")


def upgrade() -> None:
    create_subscriptions()
    create_choices()
    # The release before this one goes on adding mails, which are to no device: one a cause, as ever.
    with op.batch_alter_table("outbox") as table:
        table.add_column(sa.Column("device_id", ID, nullable=False, server_default="0"))
        table.create_unique_constraint(op.f(ONE_A_CAUSE_AND_DEVICE), ["channel", "source", "reference", "device_id"])
        table.drop_constraint(op.f(ONE_A_CAUSE), type_="unique")


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE channel = 'push'")
    with op.batch_alter_table("outbox") as table:
        table.create_unique_constraint(op.f(ONE_A_CAUSE), ["channel", "source", "reference"])
        table.drop_constraint(op.f(ONE_A_CAUSE_AND_DEVICE), type_="unique")
        table.drop_column("device_id")
    # A table takes its indexes with it.
    for name in ("silent_hours", "muted_topics", "push_subscriptions"):
        op.drop_table(name)


def person_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f(f"fk_{table}_person_id_people"))


def create_subscriptions() -> None:
    op.create_table(
        "push_subscriptions",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("sign_in_id", ID, nullable=False),
        sa.Column("endpoint", exact_text(1000), nullable=False),
        sa.Column("endpoint_hash", exact_text(64), nullable=False),
        sa.Column("p256dh", exact_text(100), nullable=False),
        sa.Column("auth", exact_text(40), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        person_key("push_subscriptions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscriptions")),
        sa.UniqueConstraint("endpoint_hash", name=op.f("uq_push_subscriptions_endpoint_hash")),
    )
    op.create_index(op.f("ix_push_subscriptions_person_id"), "push_subscriptions", ["person_id"])


def create_choices() -> None:
    op.create_table(
        "muted_topics",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("topic", sa.String(length=16), nullable=False),
        person_key("muted_topics"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_muted_topics")),
        sa.UniqueConstraint("person_id", "channel", "topic", name=op.f("uq_muted_topics_person_id_channel_topic")),
    )
    op.create_table(
        "silent_hours",
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.Column("from_minute", sa.SmallInteger(), nullable=False),
        sa.Column("until_minute", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("from_minute >= 0 AND from_minute < 1440", name=op.f("ck_silent_hours_from_minute")),
        sa.CheckConstraint("until_minute >= 0 AND until_minute < 1440", name=op.f("ck_silent_hours_until_minute")),
        person_key("silent_hours"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_silent_hours")),
    )
