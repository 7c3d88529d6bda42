"""`flask ops push-keys`: a pair of keys that belongs together, as settings take it."""

import json

from flask import Flask

from cashticket.notify.vapid_keys import pair_problem


def test_each_call_prints_another_pair_that_the_settings_take(app: Flask) -> None:
    pairs = []
    for _ in range(2):
        result = app.test_cli_runner().invoke(args=["ops", "push-keys", "--json"])
        assert result.exit_code == 0
        keys = json.loads(result.stdout)
        assert pair_problem(keys["VAPID_PUBLIC_KEY"], keys["VAPID_PRIVATE_KEY"]) is None
        pairs.append(keys["VAPID_PRIVATE_KEY"])
    assert pairs[0] != pairs[1]


def test_without_json_it_prints_a_line_for_each_setting(app: Flask) -> None:
    printed = app.test_cli_runner().invoke(args=["ops", "push-keys"]).stdout
    lines = dict(each.split() for each in printed.splitlines())
    assert pair_problem(lines["VAPID_PUBLIC_KEY"], lines["VAPID_PRIVATE_KEY"]) is None and len(lines) == 2
