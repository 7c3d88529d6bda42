"""Sign-up drafts, mails that belong to no account yet, and when a session was last used."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only for plain INTEGER keys.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
DRAFT_OF_MAIL = "fk_account_mails_draft_id_sign_up_drafts"


def exact_text(length: int) -> sa.String:
    """Compared byte by byte, on MariaDB too."""
    exact = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return sa.String(length).with_variant(exact, "mysql", "mariadb")


def upgrade() -> None:
    create_drafts()
    with op.batch_alter_table("account_mails") as table:
        table.alter_column("person_id", existing_type=ID, nullable=True)
        table.add_column(sa.Column("draft_id", ID, nullable=True))
        table.create_foreign_key(op.f(DRAFT_OF_MAIL), "sign_up_drafts", ["draft_id"], ["id"], ondelete="SET NULL")
        table.create_index(op.f("ix_account_mails_draft_id"), ["draft_id"])
        table.create_index(op.f("ix_account_mails_email"), ["email"])
    with op.batch_alter_table("sign_ins") as table:
        table.add_column(sa.Column("last_used_at", MOMENT, nullable=True))
    end_sessions_of_the_unconfirmed()
    drop_mails_without_text()


def downgrade() -> None:
    op.execute("DELETE FROM account_mails WHERE person_id IS NULL")
    with op.batch_alter_table("sign_ins") as table:
        table.drop_column("last_used_at")
    with op.batch_alter_table("account_mails") as table:
        table.drop_constraint(op.f(DRAFT_OF_MAIL), type_="foreignkey")
        table.drop_index(op.f("ix_account_mails_email"))
        table.drop_index(op.f("ix_account_mails_draft_id"))
        table.drop_column("draft_id")
        table.alter_column("person_id", existing_type=ID, nullable=False)
    op.drop_table("sign_up_drafts")


def create_drafts() -> None:
    op.create_table(
        "sign_up_drafts",
        sa.Column("id", ID, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.Column("token_hash", exact_text(64), nullable=False),
        sa.Column("client", exact_text(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_up_drafts")),
    )
    for column in ("email", "token_hash", "client", "created_at"):
        op.create_index(op.f(f"ix_sign_up_drafts_{column}"), "sign_up_drafts", [column])


def end_sessions_of_the_unconfirmed() -> None:
    """Accounts that were never confirmed cannot sign in any more; until now they could."""
    people = sa.table("people", sa.column("id"), sa.column("verified_at"))
    sign_ins = sa.table("sign_ins", sa.column("person_id"), sa.column("ended_at", MOMENT))
    unconfirmed = sa.select(people.c.id).where(people.c.verified_at.is_(None))
    now = datetime.now(UTC).replace(tzinfo=None)
    op.execute(
        sign_ins.update()
        .where(sign_ins.c.person_id.in_(unconfirmed), sign_ins.c.ended_at.is_(None))
        .values(ended_at=now)
    )


def drop_mails_without_text() -> None:
    """Nobody is told any more that a phone number has an account; mails that say so are not sent."""
    mails = sa.table("account_mails", sa.column("purpose"), sa.column("mailed_at", MOMENT))
    unsent = mails.update().where(mails.c.purpose == "phone_in_use", mails.c.mailed_at.is_(None))
    op.execute(unsent.values(mailed_at=datetime.now(UTC).replace(tzinfo=None)))
