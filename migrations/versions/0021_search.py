"""The text in which searches look, for every concert, the city of a concert, and its English title, artist and venue.

The texts are made here in windows of ROWS concerts. On MariaDB each window is committed by itself; a run that was
interrupted is repeated and goes on.
"""

import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ROWS = 500
FIELD_MAX = 400
SEARCH_TEXT = sa.Text().with_variant(mysql.TEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")
COLUMNS = {
    "title_en": sa.String(200),
    "artist_en": sa.String(200),
    "venue_en": sa.String(200),
    "city": sa.String(60),
    "search_text": SEARCH_TEXT,
}
CONCERTS = sa.table("concerts", *(sa.column(name) for name in ("id", "title", "artist", "venue", "search_text")))

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
SIMPLE = str.maketrans("ㄲㄸㅃㅆㅉ", "ㄱㄷㅂㅅㅈ")
CLUSTERS = str.maketrans(
    dict(
        zip(
            "ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ",
            ["ㄱㅅ", "ㄴㅈ", "ㄴㅎ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ", "ㄹㅎ", "ㅂㅅ"],
            strict=True,
        )
    )
)


def upgrade() -> None:
    # MariaDB does not undo what a migration did before it was interrupted.
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("concerts")}
    for name, kind in COLUMNS.items():
        if name not in there:
            # Not in batch mode: SQLite would copy the table, which others refer to.
            op.add_column("concerts", sa.Column(name, kind, nullable=True))
    fill_search_texts(op.get_bind())


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("concerts", name)


def fill_search_texts(connection: sa.Connection) -> None:
    empty = sa.select(CONCERTS.c.id, CONCERTS.c.title, CONCERTS.c.artist, CONCERTS.c.venue)
    empty = empty.where(CONCERTS.c.search_text.is_(None)).order_by(CONCERTS.c.id).limit(ROWS)
    fill = CONCERTS.update().where(CONCERTS.c.id == sa.bindparam("concert"))
    last = 0
    while rows := connection.execute(empty.where(CONCERTS.c.id > last)).all():
        texts: list[dict[str, Any]] = [
            {"concert": row.id, "search_text": search_text((row.title, row.artist, row.venue))} for row in rows
        ]
        connection.execute(fill, texts)
        last = rows[-1].id
        if connection.dialect.name != "sqlite":
            connection.exec_driver_sql("COMMIT")


def search_text(fields: tuple[str, ...]) -> str:
    """As the product made it when this revision was written."""
    folded = (folded_text(field)[:FIELD_MAX] for field in fields)
    return "\n".join("".join(map(stored, field)) for field in folded if field)


def folded_text(text: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.translate(CLUSTERS)).casefold())
    composed = unicodedata.normalize("NFC", "".join(sign for sign in plain if unicodedata.category(sign) != "Mn"))
    return "".join(sign for sign in composed if sign.isalnum())


def stored(sign: str) -> str:
    if "가" <= sign <= "힣":
        initial = INITIALS[(ord(sign) - ord("가")) // 588]
        return f"{simple(initial)}{initial}{sign}"
    if 0x1100 <= ord(sign) <= 0x1112:
        initial = INITIALS[ord(sign) - 0x1100]
        return f"{simple(initial)}{initial}{initial}"
    return sign


def simple(initial: str) -> str:
    return chr(0x1100 + INITIALS.index(initial.translate(SIMPLE)))
