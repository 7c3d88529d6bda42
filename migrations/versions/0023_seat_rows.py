"""The rows of the seats of an auction, from the front, as they are announced."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("auctions", sa.Column("seat_rows", sa.String(length=200), nullable=True))


def downgrade() -> None:
    op.drop_column("auctions", "seat_rows")
