"""Calendar files as RFC 5545 wants them: line breaks, folding by octets, escaping, UTC."""

from datetime import UTC, datetime, timedelta, timezone

from cashticket.calendar_files import LINE_OCTETS, Appointment, calendar_file

AT = datetime(2026, 12, 1, 20, 0, tzinfo=timezone(timedelta(hours=9)))
WRITTEN = datetime(2026, 11, 1, tzinfo=UTC)


def appointment(**fields: object) -> Appointment:
    defaults = {
        "uid": "auction-1-end@example.org",
        "at": AT,
        "title": "한여름 밤의 공연",
        "text": "",
        "link": "https://e.org",
    }
    return Appointment(**{**defaults, "written_at": WRITTEN, **fields})  # type: ignore[arg-type]


def unfolded(file: bytes) -> list[str]:
    return file.replace(b"\r\n ", b"").decode().split("\r\n")


def test_a_file_has_its_moments_in_utc_and_ends_its_lines_as_mails_do() -> None:
    file = calendar_file([appointment(version=3, alarm=timedelta(hours=2))])
    assert file.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") and file.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in file.replace(b"\r\n", b"")
    lines = unfolded(file)
    for line in ("DTSTART:20261201T110000Z", "DTSTAMP:20261101T000000Z", "SEQUENCE:3", "TRIGGER:-PT120M"):
        assert line in lines
    assert "UID:auction-1-end@example.org" in lines and lines.count("BEGIN:VALARM") == 1
    assert calendar_file([appointment()]) == calendar_file([appointment()])
    assert b"VALARM" not in calendar_file([appointment()])


def test_long_lines_are_folded_and_no_character_is_cut() -> None:
    title = "긴 제목 " * 60
    file = calendar_file([appointment(title=title)])
    assert max(len(line) for line in file.split(b"\r\n")) <= LINE_OCTETS
    assert all(line.decode() for line in file.split(b"\r\n")[:-1])
    assert f"SUMMARY:{title}" in unfolded(file)


def test_a_hostile_name_stays_one_value_wherever_it_stands() -> None:
    hostile = "a;b,c\\d\r\nEND:VEVENT\nATTACH:https://evil.example\x07\u2028"
    value = "a\\;b\\,c\\\\d\\nEND:VEVENT\\nATTACH:https://evil.example"
    file = calendar_file([appointment(title=hostile, text=hostile, place=hostile, alarm=timedelta(hours=2))])
    assert b"\n" not in file.replace(b"\r\n", b"") and b"\r" not in file.replace(b"\r\n", b"")
    lines = unfolded(file)
    assert lines.count("END:VEVENT") == 1 and not [line for line in lines if line.startswith("ATTACH")]
    assert [line for line in lines if "evil" in line] == [
        f"{name}:{value}" for name in ("SUMMARY", "DESCRIPTION", "LOCATION", "DESCRIPTION")
    ]
