"""When a person last changed in a way that auctions are told of, and whether they were told."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.add_column("people", sa.Column("revised_at", MOMENT, nullable=True))
    op.add_column("people", sa.Column("untold_since", MOMENT, nullable=True))
    # When they changed is not known, so the first watch after the upgrade takes all changes for new.
    people = sa.table("people", sa.column("revision", sa.Integer()), sa.column("revised_at", MOMENT))
    now = datetime.now(UTC).replace(tzinfo=None)
    op.execute(people.update().where(people.c.revision > 1).values(revised_at=now))
    op.create_index(op.f("ix_people_revised_at"), "people", ["revised_at"])
    op.create_index(op.f("ix_people_untold_since"), "people", ["untold_since"])


def downgrade() -> None:
    op.drop_index(op.f("ix_people_untold_since"), table_name="people")
    op.drop_index(op.f("ix_people_revised_at"), table_name="people")
    op.drop_column("people", "untold_since")
    op.drop_column("people", "revised_at")
