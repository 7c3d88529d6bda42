"""Adds the live store of an auction, for installations that have several.

Every auction so far is in the first one, which NULL stands for. The release before runs on as long as LIVE_STORES is
not set: it would look for every auction in the first store.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

NAME = sa.String(32).with_variant(mysql.VARCHAR(32, charset="ascii", collation="ascii_bin"), "mysql", "mariadb")


def upgrade() -> None:
    # MariaDB does not undo what a migration did before it was interrupted.
    if any(column["name"] == "store" for column in sa.inspect(op.get_bind()).get_columns("auctions")):
        return
    op.add_column("auctions", sa.Column("store", NAME, nullable=True))


def downgrade() -> None:
    op.drop_column("auctions", "store")
