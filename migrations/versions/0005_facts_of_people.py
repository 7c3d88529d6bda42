"""The name an award was made for, changes of frozen facts by operators, holds on bids, and one alias key a concert."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.add_column("awards", sa.Column("person_name", sa.String(length=80), nullable=True))
    op.add_column("concerts", sa.Column("alias_salt", sa.String(length=32), nullable=True))
    op.add_column("people", sa.Column("bids_held_at", MOMENT, nullable=True))
    # An award keeps the name it was made for; of awards made before, the present name is the best there is.
    op.execute("UPDATE awards SET person_name = (SELECT name FROM people WHERE people.id = awards.person_id)")
    op.create_table(
        "person_changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("field", sa.String(length=16), nullable=False),
        sa.Column("old_value", sa.String(length=80), nullable=False),
        sa.Column("new_value", sa.String(length=80), nullable=False),
        sa.Column("operator", sa.String(length=80), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_person_changes_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_changes")),
    )
    op.create_index(op.f("ix_person_changes_person_id"), "person_changes", ["person_id"])


def downgrade() -> None:
    op.drop_table("person_changes")
    op.drop_column("people", "bids_held_at")
    op.drop_column("concerts", "alias_salt")
    op.drop_column("awards", "person_name")
