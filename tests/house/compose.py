"""Reads docker-compose.yml without an engine: the part of YAML that the file uses. Anything else is an error."""

import re
from collections.abc import Iterator
from typing import Any

from tests.house.source import ROOT

KEY = re.compile(r"([A-Za-z0-9_./-]+|<<):(?: +(.*))?$")
ANCHOR = re.compile(r"&([a-z-]+)(?: +(.*))?$")


class Reader:
    """One document: mappings, lists, scalars as text, anchors and merges."""

    def __init__(self, text: str) -> None:
        self._lines = [each for each in (_without_comment(raw) for raw in text.split("\n")) if each.strip()]
        self._anchors: dict[str, Any] = {}
        self._place = 0

    def document(self) -> dict[str, Any]:
        """The whole document. Raises ValueError for what this reader does not know."""
        read = self._mapping(0)
        if self._place != len(self._lines):
            raise ValueError(f"not understood: {self._lines[self._place]!r}")
        return read

    def _indent(self) -> int:
        if self._place >= len(self._lines):
            return -1
        return len(self._lines[self._place]) - len(self._lines[self._place].lstrip())

    def _mapping(self, indent: int) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while self._indent() == indent:
            found = KEY.fullmatch(self._lines[self._place].strip())
            if found is None:
                raise ValueError(f"no key: {self._lines[self._place]!r}")
            self._place += 1
            value = self._value(found[2] or "", indent)
            if found[1] == "<<":
                merged |= value
            elif found[1] in own:
                raise ValueError(f"{found[1]} stands twice")
            else:
                own[found[1]] = value
        return merged | own

    def _value(self, text: str, indent: int) -> Any:
        anchor = ANCHOR.fullmatch(text)
        if anchor:
            self._anchors[anchor[1]] = value = self._value(anchor[2] or "", indent)
            return value
        if text.startswith("*"):
            return self._anchors[text[1:]]
        if text == "|":
            return "\n".join(self._block(indent))
        if text:
            return _flow(text)
        if self._indent() <= indent:
            return None
        return self._list() if self._lines[self._place].strip().startswith("- ") else self._mapping(self._indent())

    def _list(self) -> list[Any]:
        indent, read = self._indent(), []
        while self._indent() == indent:
            read.append(_flow(self._lines[self._place].strip().removeprefix("- ")))
            self._place += 1
        return read

    def _block(self, indent: int) -> Iterator[str]:
        while self._indent() > indent:
            yield self._lines[self._place].strip()
            self._place += 1


def _without_comment(raw: str) -> str:
    return re.sub(r"(^|\s)#.*$", "", raw).rstrip()


def _flow(text: str) -> Any:
    """A value on one line. A plain text outside of brackets reaches to its end."""
    if text[:1] not in "[{\"'":
        return text
    value, rest = _flow_part(text)
    if rest.strip():
        raise ValueError(f"not understood: {text!r}")
    return value


def _flow_part(text: str) -> tuple[Any, str]:
    """The value at the start of a text, and what follows it."""
    if text[:1] in "[{":
        return _collection(text)
    if text[:1] in "\"'":
        end = text.index(text[0], 1)
        return text[1:end], text[end + 1 :]
    # A plain text inside a collection ends at its comma or bracket, but not inside ${…}.
    found = re.match(r"(?:\$\{[^}]*\}|[^,\]}])*", text)
    assert found
    return found[0].strip(), text[found.end() :]


def _collection(text: str) -> tuple[Any, str]:
    end = {"[": "]", "{": "}"}[text[0]]
    items: list[Any] = []
    pairs: dict[str, Any] = {}
    rest = text[1:].lstrip()
    while not rest.startswith(end):
        if end == "}":
            name, _, rest = rest.partition(":")
            pairs[name.strip()], rest = _flow_part(rest.lstrip())
        else:
            item, rest = _flow_part(rest)
            items.append(item)
        rest = rest.lstrip().removeprefix(",").lstrip()
        if not rest:
            raise ValueError(f"has no end: {text!r}")
    return (pairs if end == "}" else items), rest[1:]


def compose_file(path: str = "docker-compose.yml") -> dict[str, Any]:
    """A file for `docker compose` as an engine reads it, without its variables filled in."""
    return Reader((ROOT / path).read_text(encoding="utf-8")).document()


def replicas(service: dict[str, Any]) -> int:
    """How many containers a service has if nobody says otherwise."""
    found = re.fullmatch(r"\$\{[A-Z]+:-(\d+)\}", service.get("deploy", {}).get("replicas", "${ONE:-1}"))
    assert found
    return int(found[1])


def processes() -> dict[str, dict[str, Any]]:
    """The service of each container, by the name that its process has in the Procfile."""
    named: dict[str, dict[str, Any]] = {}
    for name, service in compose_file()["services"].items():
        for number in range(1, replicas(service) + 1):
            named[f"{name}-{number}" if number > 1 or name == "web" else name] = service
    return named
