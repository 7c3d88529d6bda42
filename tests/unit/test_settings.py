"""Settings as they are read from the environment."""

from pathlib import Path

from cashticket.config import load


def test_a_setting_is_still_read_under_its_former_name(tmp_path: Path) -> None:
    settings = load({"BACKLOG_MOST": "7", "DISK_FREE_LEAST": "9"}, tmp_path)
    assert (settings.backlog_max, settings.disk_free_min) == (7, 9)


def test_the_present_name_of_a_setting_wins_over_its_former_name(tmp_path: Path) -> None:
    assert load({"BACKLOG_MOST": "7", "BACKLOG_MAX": "8"}, tmp_path).backlog_max == 8
