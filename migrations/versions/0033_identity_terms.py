"""What an auction asks of its bidders: nothing more, or a proven phone."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # MariaDB does not undo what a migration did before it was interrupted.
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("auctions")}
    if "identity" not in columns:
        op.add_column("auctions", sa.Column("identity", sa.String(16), server_default="none", nullable=False))


def downgrade() -> None:
    op.drop_column("auctions", "identity")
