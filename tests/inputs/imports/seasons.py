"""Random seasons with titles that spreadsheets, CSV and JSON have trouble with."""

import random
import unicodedata
from datetime import UTC, datetime, timedelta

from cashticket.cli.output import Data
from cashticket.typed.text import can_be_shown, one_line

NASTY = (
    *(
        "=LOVE 투어",
        "+82 콘서트",
        "@DM",
        "-",
        "'quoted",
        "''twice",
        "'=LOVE",
        "''=LOVE",
        "=",
        "'",
        "'-",
        "＝넓은",
        "=1+1",
    ),
    *(
        '=HYPERLINK("http://x","y")',
        '"',
        '""',
        'say "밤"',
        "a,b",
        "a;b",
        "a\tb",
        "sep=;",
        ",",
        ";",
        "|",
        "[1]",
        "{}",
        "[",
        "{",
    ),
    *(
        "title",
        "제목",
        "합계",
        "Total",
        "null",
        "NULL",
        "None",
        "True",
        "FALSE",
        "0",
        "00",
        "1984",
        "1.50",
        "1e5",
        "150,000",
    ),
    *(
        "2041-04-10",
        "2041-04-10T19:00",
        "now",
        "+2d",
        "a\nb",
        "\\",
        "\\n",
        "\\u0041",
        "%s",
        "{0}",
        "<b>밤</b>",
        "&amp;",
        "#N/A",
    ),
    *(
        "아이유 콘서트",
        "BTS·세븐틴",
        "Beyoncé",
        "👨\u200d👩\u200d👧 가족",
        "ﷺ",
        "𠮷野家",
        "Ⅳ",
        "㈜밤",
        "می\u200cخواهم",
        "_x000D_",
    ),
    *(
        "Night",
        "NIGHT",
        "né",
        "ne",
        "ｎｉｇｈｔ",
        "A – Z",
        "A — Z",
        "L'été",
        "L’été",
        "0123456789abcdef" * 2,
        "x" * 200,
    ),
)
OPENS = datetime(2040, 1, 1, tzinfo=UTC)


def season(number: int) -> list[Data]:
    """The rows of a season, the same for the same number."""
    dice = random.Random(number)
    return [row for _ in range(dice.randint(1, 4)) for row in _concert(dice)]


def _concert(dice: random.Random) -> list[Data]:
    starts = OPENS + timedelta(days=dice.randint(30, 300), milliseconds=dice.randint(0, 10**8))
    concert: Data = {name: _text(dice) for name in ("title", "artist", "venue")} | {"starts": starts.isoformat()}
    for name in ("title_en", "artist_en", "venue_en", "genre", "city"):
        concert |= {name: _text(dice)[:60].strip()} if dice.random() < 0.4 else {}
    if dice.random() < 0.4:
        concert |= {"description": "\n".join(_text(dice) for _ in range(3)), "age_limit": dice.randint(0, 99)}
    return [concert | _terms(dice, starts) for _ in range(dice.randint(1, 2))] if dice.random() < 0.7 else [concert]


def _terms(dice: random.Random, starts: datetime) -> Data:
    opens = OPENS + timedelta(seconds=dice.randint(0, 10**6))
    minimum = dice.choice([0, 1_000, 100_000, dice.randint(0, 10**6)])
    terms: Data = {"seats": dice.randint(1, 5), "minimum": minimum, "step": dice.choice([1, 100, 5_000])}
    terms |= {
        "opens": opens.isoformat(),
        "closes": dice.choice(["+2h", "+1d", (starts - timedelta(days=9)).isoformat()]),
    }
    optional: Data = {
        "pricing": dice.choice(["pay_as_bid", "uniform"]),
        "maximum": minimum + 10**6,
        "soft_close": dice.choice([0, 60, 600]),
        "purchase_hours": dice.randint(1, 168),
        "offer_hours": dice.randint(1, 168),
        "zone": _text(dice)[:40].strip(),
        "view": _text(dice)[:120].strip(),
        "benefits": _text(dice),
        "face_price": dice.randint(1, 10**6),
        "rows": f"1x{terms['seats']}",
    }
    return terms | {name: value for name, value in optional.items() if dice.random() < 0.4}


def _text(dice: random.Random) -> str:
    """A text that may be stored: one of the nasty ones, or signs from anywhere behind one."""
    anywhere = "".join(chr(dice.choice([dice.randint(32, 0x2FF), dice.randint(0x300, 0x2FFFF)])) for _ in range(6))
    text = one_line(dice.choice(NASTY) + ("" if dice.random() < 0.6 else anywhere))[:200].strip()
    return (
        text
        if text and "\ufffd" not in text and can_be_shown(text) and unicodedata.is_normalized("NFC", text)
        else "밤"
    )
