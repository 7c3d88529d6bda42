"""Finds notices without a mail by their kind, however many displacements wait for a decision."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_notifications_unmailed_kind", "notifications", ["mailed_at", "kind", "created_at"])
    op.drop_index("ix_notifications_unmailed", table_name="notifications")


def downgrade() -> None:
    op.create_index("ix_notifications_unmailed", "notifications", ["mailed_at", "created_at"])
    op.drop_index("ix_notifications_unmailed_kind", table_name="notifications")
