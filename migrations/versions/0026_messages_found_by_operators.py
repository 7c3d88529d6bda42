"""Finds messages of the outbox by state and kind, of one auction or of all, however many there are.

Messages that are there already get their auction in windows, each committed by itself on MariaDB; a run that was
interrupted is repeated and goes on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ROWS = 5_000
INDEXES = {
    "ix_outbox_kind": ["state", "kind", "id"],
    "ix_outbox_auction": ["auction_id", "state", "kind", "id"],
}


def upgrade() -> None:
    # MariaDB does not undo what a migration did before it was interrupted.
    inspector = sa.inspect(op.get_bind())
    if "auction_id" not in {column["name"] for column in inspector.get_columns("outbox")}:
        # Not in batch mode: SQLite would copy the table.
        op.add_column("outbox", sa.Column("auction_id", ID, nullable=True))
    note_auctions(op.get_bind())
    present = {index["name"] for index in inspector.get_indexes("outbox")}
    for name, columns in INDEXES.items():
        if name not in present:
            op.create_index(name, "outbox", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, table_name="outbox")
    op.drop_column("outbox", "auction_id")


def note_auctions(connection: sa.Connection) -> None:
    first, last = connection.execute(sa.text("SELECT MIN(id), MAX(id) FROM outbox")).one()
    noted = sa.text(
        "UPDATE outbox SET auction_id = (SELECT n.auction_id FROM notifications n WHERE n.id = outbox.reference) "
        "WHERE source = 'notice' AND auction_id IS NULL AND id BETWEEN :first AND :last"
    )
    for start in range(first or 0, (last or -1) + 1, ROWS):
        connection.execute(noted, {"first": start, "last": start + ROWS - 1})
        if connection.dialect.name != "sqlite":
            connection.exec_driver_sql("COMMIT")
