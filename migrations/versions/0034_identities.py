"""People whose identity a provider has verified, verifications that run, and which account is whose."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only for plain INTEGER keys.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
# Compared byte by byte, on MariaDB too.
EXACT = sa.String(64).with_variant(mysql.VARCHAR(64, charset="ascii", collation="ascii_bin"), "mysql", "mariadb")


def upgrade() -> None:
    # MariaDB does not undo what a migration did before it was interrupted.
    inspector = sa.inspect(op.get_bind())
    if "identity_proven_at" not in {column["name"] for column in inspector.get_columns("people")}:
        op.add_column("people", sa.Column("identity_proven_at", MOMENT, nullable=True))
    if not inspector.has_table("identity_checks"):
        _make_checks()
    if not inspector.has_table("person_keys"):
        _make_keys()
    _make_indexes("identity_checks", "created_at", "returned_at")
    _make_indexes("person_keys", "key_hash", "kept_until")


def _make_indexes(table: str, *columns: str) -> None:
    # It may have been interrupted between a table and its indexes.
    there = {index["name"] for index in sa.inspect(op.get_bind()).get_indexes(table)}
    for column in columns:
        if (name := f"ix_{table}_{column}") not in there:
            op.create_index(name, table, [column])


def _make_checks() -> None:
    op.create_table(
        "identity_checks",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("reference", EXACT, nullable=False),
        sa.Column("session_hash", EXACT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("returned_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(16), nullable=True),
        sa.Column("other_address", sa.String(80), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_identity_checks_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_checks")),
        sa.UniqueConstraint("person_id", name=op.f("uq_identity_checks_person_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_identity_checks_reference")),
        # An id is never used twice.
        sqlite_autoincrement=True,
    )


def _make_keys() -> None:
    op.create_table(
        "person_keys",
        sa.Column("id", ID, nullable=False),
        sa.Column("key_hash", EXACT, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("live", sa.Integer(), nullable=True),
        sa.Column("proven_at", MOMENT, nullable=False),
        sa.Column("kept_until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_person_keys_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_keys")),
        sa.UniqueConstraint("key_hash", "live", name=op.f("uq_person_keys_key_hash_live")),
        sa.UniqueConstraint("person_id", name=op.f("uq_person_keys_person_id")),
    )


def downgrade() -> None:
    op.drop_table("person_keys")
    op.drop_table("identity_checks")
    op.drop_column("people", "identity_proven_at")
