"""Phones that people proved by a code, and the codes that run."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only for plain INTEGER keys.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
# Compared byte by byte, on MariaDB too.
NONCE = sa.String(32).with_variant(mysql.VARCHAR(32, charset="ascii", collation="ascii_bin"), "mysql", "mariadb")


def upgrade() -> None:
    # MariaDB does not undo what a migration did before it was interrupted.
    inspector = sa.inspect(op.get_bind())
    if "phone_proven_at" not in {column["name"] for column in inspector.get_columns("people")}:
        op.add_column("people", sa.Column("phone_proven_at", MOMENT, nullable=True))
    if not inspector.has_table("phone_codes"):
        _make_codes()
    # Also between a table and its indexes.
    there = {index["name"] for index in sa.inspect(op.get_bind()).get_indexes("phone_codes")}
    if "ix_phone_codes_created_at" not in there:
        op.create_index("ix_phone_codes_created_at", "phone_codes", ["created_at"])


def _make_codes() -> None:
    op.create_table(
        "phone_codes",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("nonce", NONCE, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_phone_codes_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_codes")),
        sa.UniqueConstraint("person_id", name=op.f("uq_phone_codes_person_id")),
        # An id is never used twice.
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("phone_codes")
    op.drop_column("people", "phone_proven_at")
