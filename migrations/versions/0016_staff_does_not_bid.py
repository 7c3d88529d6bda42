"""Lets the auctions be told anew of staff, who may not bid any more."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
PEOPLE = sa.table(
    "people",
    sa.column("is_staff", sa.Boolean()),
    sa.column("revised_at", MOMENT),
    sa.column("untold_since", MOMENT),
)


def upgrade() -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    staff = PEOPLE.update().where(PEOPLE.c.is_staff == sa.true())
    op.execute(staff.values(revised_at=now, untold_since=now))


def downgrade() -> None:
    # Nothing to take back: being told once more does no harm.
    pass
