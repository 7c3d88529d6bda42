"""Second factors: authenticator apps, passkeys, recovery codes, and when a session last proved one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0006"
down_revision = "0005"
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
    create_factors()
    create_traces_of_proofs()
    with op.batch_alter_table("sign_ins") as table:
        table.add_column(sa.Column("proved_at", MOMENT, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sign_ins") as table:
        table.drop_column("proved_at")
    # A table takes its indexes with it.
    for name in (
        "spent_challenges",
        "wrong_codes",
        "pending_sign_ins",
        "recovery_codes",
        "passkeys",
        "authenticator_apps",
    ):
        op.drop_table(name)


def person_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f(f"fk_{table}_person_id_people"))


def create_factors() -> None:
    op.create_table(
        "authenticator_apps",
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.Column("sealed_secret", exact_text(255), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        person_key("authenticator_apps"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_authenticator_apps")),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("credential_id", exact_text(1400), nullable=False),
        sa.Column("public_key", exact_text(1400), nullable=False),
        sa.Column("user_handle", exact_text(64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("works_alone", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        person_key("passkeys"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index(op.f("ix_passkeys_person_id"), "passkeys", ["person_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("code_hash", exact_text(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        person_key("recovery_codes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_person_id"), "recovery_codes", ["person_id"])


def create_traces_of_proofs() -> None:
    op.create_table(
        "pending_sign_ins",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("token_hash", exact_text(64), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        person_key("pending_sign_ins"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_pending_sign_ins_token_hash")),
    )
    op.create_index(op.f("ix_pending_sign_ins_person_id"), "pending_sign_ins", ["person_id"])
    op.create_index(op.f("ix_pending_sign_ins_created_at"), "pending_sign_ins", ["created_at"])
    op.create_table(
        "wrong_codes",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        person_key("wrong_codes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrong_codes")),
    )
    op.create_index("ix_wrong_codes_person_id_at", "wrong_codes", ["person_id", "at"])
    op.create_table(
        "spent_challenges",
        sa.Column("challenge_hash", exact_text(64), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("challenge_hash", name=op.f("pk_spent_challenges")),
    )
    op.create_index(op.f("ix_spent_challenges_expires_at"), "spent_challenges", ["expires_at"])
