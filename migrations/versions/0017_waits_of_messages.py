"""Finds messages that wait longer than their number of tries allows, however many wait as they should."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_outbox_tries", "outbox", ["state", "tries", "due_at"])


def downgrade() -> None:
    op.drop_index("ix_outbox_tries", table_name="outbox")
