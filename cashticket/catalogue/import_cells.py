"""Reads the cells of one row of an imported file: texts, numbers, ages, moments and spans. Names every fault."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from cashticket.catalogue.concerts import AGE_MAX, NotPublishable
from cashticket.catalogue.import_files.table import Cell, OddCell
from cashticket.typed.moments import SPAN_HINT, NoMoment, parse_span, read_moment
from cashticket.typed.numbers import NoWholeNumber, whole_number
from cashticket.typed.text import can_be_shown, number_text, one_line

TextEnum = TypeVar("TextEnum", bound=StrEnum)

SHOWN_MAX = 40
TEXT_MAX = 20_000
"""Characters of a cell that are looked at: more than any text may have."""
EVERYBODY = frozenset({"전체관람가", "전체", "전연령", "전체관람", "all", "allages", "none"})
"""Said of a concert that has no age limit."""
AGE = re.compile(r"(?:만 ?)?(?P<years>[0-9]+) ?(?:세|\+)? ?(?:이상)? ?(?:관람가|관람 가능|관람|입장가|입장)?")


@dataclass(slots=True)
class RowCells:
    """The filled cells of a row by column. What is wrong with one goes to `faults` as `column: …`, and None is read."""

    cells: Mapping[str, Cell]
    faults: list[str] = field(default_factory=list)

    def __contains__(self, name: str) -> bool:
        return name in self.cells

    def text(self, name: str) -> str | None:
        """The text as it stands there."""
        cell = self.cells.get(name)
        if isinstance(cell, OddCell):
            self.fault(name, f"{cell.text} {cell.fault}")
            return None
        if cell is not None and len(cell) > TEXT_MAX:
            self.fault(name, f"has more than {TEXT_MAX:,} characters")
            return None
        return cell

    def line(self, name: str) -> str | None:
        """The text on one line, without what no device shows."""
        line = one_line(self.text(name) or "")
        if not can_be_shown(line):
            self.fault(name, "has characters that cannot be shown")
            return None
        return line or None

    def cleaned(self, name: str, clean: Callable[[str, str | None], str | None]) -> str | None:
        """What `clean` makes of the name and the text; its NotPublishable is a fault."""
        text = self.text(name)
        if text is None and name in self.cells:
            return None
        try:
            return clean(name, text)
        except NotPublishable as error:
            self.fault(name, str(error))
            return None

    def number(self, name: str, limits: tuple[int, int]) -> int | None:
        """A whole number within the limits, such as `150,000원` or `20석`."""
        text = self.text(name)
        return None if text is None else self._whole(name, text, number_text(text), limits)

    def age(self, name: str) -> int | None:
        """Whole years, also as `14세 이상`; None for everybody."""
        text = self.text(name)
        if text is None or "".join(number_text(text).split()).casefold() in EVERYBODY:
            return None
        written = AGE.fullmatch(number_text(text))
        return self._whole(name, text, written["years"] if written else text, (0, AGE_MAX))

    def moment(self, name: str) -> datetime | None:
        """A moment as aware UTC, in Seoul without a zone."""
        cell = self.cells.get(name)
        text = cell.text if isinstance(cell, OddCell) and cell.moment else self.text(name)
        if text is None:
            return None
        try:
            return read_moment(text)
        except NoMoment as error:
            self.fault(name, f"{text[:SHOWN_MAX]!r} {error}")
            return None

    def span_or_moment(self, name: str) -> timedelta | datetime | None:
        """A span such as `+2d`, or a moment."""
        cell = self.cells.get(name)
        plain = number_text(cell[:SHOWN_MAX]).replace(" ", "").lower() if isinstance(cell, str) else ""
        if not plain.startswith("+"):
            return self.moment(name)
        span = parse_span(plain)
        if span is None:
            self.fault(name, f"{plain[:SHOWN_MAX]!r} is no span; {SPAN_HINT}")
        return span

    def one_of(self, name: str, kind: type[TextEnum]) -> TextEnum | None:
        """One of the values of `kind`."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return kind(re.sub("[ -]", "_", one_line(text).lower()))
        except ValueError:
            self.fault(name, f"{text[:SHOWN_MAX]!r} is neither {' nor '.join(kind)}")
            return None

    def fault(self, name: str, sentence: str) -> None:
        self.faults.append(f"{name}: {sentence}")

    def _whole(self, name: str, text: str, plain: str, limits: tuple[int, int]) -> int | None:
        lowest, highest = limits
        try:
            number: Any = whole_number(plain, spoken=True)
        except NoWholeNumber as error:
            of = f" from {lowest:,} to {highest:,}" if error.code == "words" else ""
            self.fault(name, f"{text[:SHOWN_MAX]!r} {error.sentence}{of}")
            return None
        if not lowest <= number <= highest:
            self.fault(name, f"{text[:SHOWN_MAX]!r} is no whole number from {lowest:,} to {highest:,}")
            return None
        return int(number)
