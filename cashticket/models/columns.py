"""Column types that behave alike on SQLite and on MySQL/MariaDB."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeDecorator

# SQLite numbers rows by itself only for plain INTEGER keys.
Id = BigInteger().with_variant(Integer, "sqlite")


def exact_text(length: int) -> String:
    """ASCII text compared byte by byte: with MariaDB's default collation 'Ab' and 'ab' would be one request id."""
    exact = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return String(length).with_variant(exact, "mysql", "mariadb")


def compared_text(length: int) -> String:
    """Text of any language by which rows are recognised, compared sign by sign: MariaDB's usual collations take 'Night'
    and 'NIGHT', or 'é' and 'e', for one."""
    exact = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    return String(length).with_variant(exact, "mysql", "mariadb")


TextEnum = TypeVar("TextEnum", bound=StrEnum)


class EnumText(TypeDecorator[TextEnum]):
    """A StrEnum, stored as its text. A text that is no value of the enum raises ValueError, written or read."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[TextEnum], length: int = 16) -> None:
        super().__init__(length)
        self.kind = kind

    def process_bind_param(self, value: TextEnum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(self.kind(value).value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> TextEnum | None:
        return None if value is None else self.kind(value)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime, to the microsecond, stored without zone. Raises ValueError for a naive value."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; moments are aware UTC.")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def utcnow() -> datetime:
    """The present moment by this machine's clock. It never decides about a bid: the live store's clock does."""
    return datetime.now(UTC)
