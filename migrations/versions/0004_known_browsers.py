"""Browsers that a person has signed in with before, notices that belong to no auction, and facts of account mails."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only for plain INTEGER keys.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
# Compared byte by byte, on MariaDB too.
HASH = sa.String(64).with_variant(mysql.VARCHAR(64, charset="ascii", collation="ascii_bin"), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "known_browsers",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("token_hash", HASH, nullable=False),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_known_browsers_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_browsers")),
        sa.UniqueConstraint("person_id", "token_hash", name=op.f("uq_known_browsers_person_id_token_hash")),
    )
    with op.batch_alter_table("notifications") as table:
        table.alter_column("auction_id", existing_type=ID, nullable=True)
    with op.batch_alter_table("account_mails") as table:
        table.add_column(sa.Column("facts", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("account_mails") as table:
        table.drop_column("facts")
    op.execute("DELETE FROM notifications WHERE auction_id IS NULL")
    with op.batch_alter_table("notifications") as table:
        table.alter_column("auction_id", existing_type=ID, nullable=False)
    op.drop_table("known_browsers")
