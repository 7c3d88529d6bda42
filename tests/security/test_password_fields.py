"""Password managers and the clipboard work in every field for a password."""

import re

from tests.house.source import PRODUCT, templates


def test_no_page_and_no_script_keeps_a_pasted_or_filled_in_password_away() -> None:
    fields = [field for text in templates().values() for field in re.findall(r"<input[^>]*>", text)]
    passwords = [field for field in fields if re.search(r'type="(?:password|\{\{)', field)]
    assert len(passwords) >= 4
    for field in passwords:
        assert re.search(r'autocomplete="(?:current-password|new-password|\{\{ field\.autocomplete \}\})"', field), (
            field
        )
        assert "readonly" not in field, field
    scripts = [path.read_text(encoding="utf-8") for path in (PRODUCT / "static").glob("*.js")]
    assert scripts
    for text in (*templates().values(), *scripts):
        assert not re.search(r"\bon(?:paste|drop|beforeinput)\b|[\"'](?:paste|drop|beforeinput)[\"']", text)
