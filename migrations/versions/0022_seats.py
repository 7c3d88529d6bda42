"""What is announced of the seats of an auction beyond their number: zone, view, benefits and face price."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("auctions", sa.Column("zone", sa.String(length=40), nullable=True))
    op.add_column("auctions", sa.Column("view", sa.String(length=120), nullable=True))
    op.add_column("auctions", sa.Column("benefits", sa.String(length=300), nullable=True))
    op.add_column("auctions", sa.Column("face_price", sa.Integer(), nullable=True))


def downgrade() -> None:
    for column in ("zone", "view", "benefits", "face_price"):
        op.drop_column("auctions", column)
