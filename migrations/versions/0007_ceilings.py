"""The ceiling of an auction: the highest amount that is accepted. Auctions that are stored already have none."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NO_CEILING = "2147483647"
CEILING = "ck_auctions_ceiling"


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        # A constraint can come with the column alone: otherwise SQLite would copy the table, which others refer to.
        op.execute(
            f"ALTER TABLE auctions ADD COLUMN maximum INTEGER DEFAULT '{NO_CEILING}' NOT NULL "
            f"CONSTRAINT {CEILING} CHECK (minimum <= maximum)"
        )
        return
    op.add_column("auctions", sa.Column("maximum", sa.Integer(), server_default=NO_CEILING, nullable=False))
    op.create_check_constraint(op.f(CEILING), "auctions", "minimum <= maximum")


def downgrade() -> None:
    if op.get_context().dialect.name != "sqlite":
        op.drop_constraint(op.f(CEILING), "auctions", type_="check")
    op.drop_column("auctions", "maximum")
