"""No script of the live store reads a whole structure: each read is of one member, a count, or a bounded window."""

import re
from pathlib import Path

from tests.house.source import ROOT

SCRIPTS = sorted((ROOT / "cashticket" / "engine" / "lua").glob("*.lua"))
CALL = re.compile(r"redis\.call\('(\w+)'(?:, ([^\n]*))?")

ONE_OR_A_COUNT = {
    "EXISTS", "GET", "HGET", "HLEN", "HMGET", "HSET", "HSETNX", "HDEL", "LINDEX", "LLEN", "LPOP", "RPUSH",
    "TIME", "TYPE", "PUBLISH", "UNLINK", "DEL", "ZADD", "ZCARD", "ZCOUNT", "ZREM", "ZREVRANK", "ZSCORE",
}  # fmt: skip
"""Commands whose cost is constant or logarithmic, whatever the structure holds."""

WINDOWS = {
    ("read", "HGETALL"): "TERMS)",  # the fields of the terms, as many in every auction
    ("open", "HGETALL"): "TERMS)",
    ("place_bid", "ZREVRANGE"): "whole(seats - 1), whole(seats)",
    ("withdraw", "ZREVRANGE"): "whole(seats - 1), whole(seats)",
    ("read", "ZREVRANGE"): "whole(",
    ("rows", "ZREVRANGE"): "ARGV[1], ARGV[2]",
    ("trim", "LRANGE"): "'0', whole(most - 1)",
}
"""Script and command that read several members, with the bounds that the call must name."""


def calls(path: Path) -> list[tuple[str, str]]:
    """Commands of a script with their arguments."""
    return [(match[1], match[2] or "") for match in CALL.finditer(path.read_text(encoding="utf-8"))]


def test_no_script_reads_a_whole_structure() -> None:
    for path in SCRIPTS:
        for command, arguments in calls(path):
            if command in ONE_OR_A_COUNT:
                continue
            bounds = WINDOWS.get((path.stem, command))
            assert bounds is not None, f"{path.name}: {command} is neither of one member nor a listed window"
            assert bounds in arguments and "-1'" not in arguments, f"{path.name}: {command} {arguments} has no bound"


def test_every_listed_window_is_still_there() -> None:
    used = {(path.stem, command) for path in SCRIPTS for command, _ in calls(path)}
    assert used >= WINDOWS.keys(), WINDOWS.keys() - used
