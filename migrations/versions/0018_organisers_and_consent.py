"""Organisers with their own people, the organiser of a concert, consent at sign-up, and an index of operators' acts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "organisers",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("representative", sa.String(length=80), nullable=False),
        sa.Column("registration_number", sa.String(length=40), nullable=False),
        sa.Column("mail_order_number", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("hours", sa.String(length=120), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisers")),
        sa.UniqueConstraint("name", name=op.f("uq_organisers_name")),
    )
    op.create_table(
        "organiser_people",
        sa.Column("id", ID, nullable=False),
        sa.Column("organiser_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organisers.id"], name=op.f("fk_organiser_people_organiser_id_organisers")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_organiser_people_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organiser_people")),
        sa.UniqueConstraint("organiser_id", "person_id", name=op.f("uq_organiser_people_organiser_id_person_id")),
        sa.UniqueConstraint("organiser_id", "email", name=op.f("uq_organiser_people_organiser_id_email")),
    )
    op.create_index(op.f("ix_organiser_people_person_id"), "organiser_people", ["person_id"])
    op.create_index(op.f("ix_organiser_people_email"), "organiser_people", ["email"])
    # No foreign key: SQLite would have to make the table anew while auctions refer to it. Organisers are never deleted.
    op.add_column("concerts", sa.Column("organiser_id", ID, nullable=True))
    for table in ("people", "sign_up_drafts"):
        op.add_column(table, sa.Column("terms_version", sa.String(length=20), nullable=True))
        op.add_column(table, sa.Column("privacy_version", sa.String(length=20), nullable=True))
        op.add_column(table, sa.Column("consented_at", MOMENT, nullable=True))
    op.create_index(op.f("ix_operator_acts_subject"), "operator_acts", ["subject"])


def downgrade() -> None:
    op.drop_index(op.f("ix_operator_acts_subject"), table_name="operator_acts")
    for table in ("people", "sign_up_drafts"):
        for column in ("terms_version", "privacy_version", "consented_at"):
            op.drop_column(table, column)
    op.drop_column("concerts", "organiser_id")
    op.drop_table("organiser_people")
    op.drop_table("organisers")
