"""Compares the texts by which concerts, zones and organisers are recognised sign by sign, as SQLite does.

MariaDB's usual collations take Night and NIGHT, or é and e, for one text. Going back fails while two organisers have
names that are one for them: rename one first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# Table → columns, each with its length and whether it may be empty.
EXACT: dict[str, dict[str, tuple[int, bool]]] = {
    "concerts": {
        "title": (200, False),
        "artist": (200, False),
        "venue": (200, False),
        "title_en": (200, True),
        "artist_en": (200, True),
        "venue_en": (200, True),
        "genre": (60, True),
        "city": (60, True),
    },
    "auctions": {"zone": (40, True)},
    "organisers": {"name": (120, False)},
}


def upgrade() -> None:
    change("CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        usual = connection.execute(sa.text("SELECT @@collation_database")).scalar_one()
        change(f"CHARACTER SET utf8mb4 COLLATE {usual}")


def change(compared: str) -> None:
    """One statement for each table; MariaDB rewrites it once. Repeating it is harmless."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, columns in EXACT.items():
        changes = ", ".join(
            f"MODIFY {name} VARCHAR({length}) {compared} {'NULL' if empty else 'NOT NULL'}"
            for name, (length, empty) in columns.items()
        )
        op.execute(sa.text(f"ALTER TABLE {table} {changes}"))
