"""docker-compose.yml as an engine understands it: with deploy/compose/mariadb.yml, and with its variables filled in.

This machine has MariaDB, and its nginx may be too old to look names up again: here is what stands for both.
"""

import re
from pathlib import Path
from typing import Any

from tests.cluster.images import ROOT
from tests.house.compose import Reader, compose_file

VARIABLE = re.compile(r"\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}")


def composed(settings: dict[str, str]) -> dict[str, Any]:
    """The file with these variables. Raises KeyError for one that must be given and is not."""
    added = Reader((ROOT / "deploy" / "compose" / "mariadb.yml").read_text(encoding="utf-8")).document()
    return dict(_filled(_merged(compose_file(), added), settings))


def for_older_nginx(settings: Path, folder: Path) -> Path:
    """A copy of a file of the proxy's settings without what nginx 1.22 does not know: asking a name server again (names
    are looked up when it starts), and HTTP/2 by a line of its own."""
    text = re.sub(r"^ *(resolver|http2) .*\n", "", settings.read_text(encoding="utf-8"), flags=re.MULTILINE)
    copy = folder / settings.name
    copy.write_text(text.replace(" resolve ", " "), encoding="utf-8")
    return copy


def _merged(first: Any, second: Any, name: str = "") -> Any:
    """What a second file makes of the first: mappings are put together, volumes by their place in the container."""
    if name == "volumes" and isinstance(first, list):
        places = {each.split(":")[1]: each for each in [*first, *second]}
        return list(places.values())
    if isinstance(first, dict) and isinstance(second, dict):
        both = {key: _merged(first[key], second[key], key) for key in first.keys() & second.keys()}
        return first | second | both
    return second


def _filled(value: Any, settings: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(each, settings) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, settings) for each in value]
    return VARIABLE.sub(lambda found: _variable(found, settings), value) if isinstance(value, str) else value


def _variable(found: "re.Match[str]", settings: dict[str, str]) -> str:
    if found[0] == "$$":
        return "$"
    given = settings.get(found[1], "")
    if not given and found[2] == "?":
        raise KeyError(found[1])
    return given or (found[3] if found[2] == "-" else "")
