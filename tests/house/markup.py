"""Templates as markup: the Jinja parts taken out, the elements and attributes read."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])


@dataclass(slots=True)
class Element:
    """One opening tag: its line, attributes (value None for a bare one), and the elements inside it."""

    tag: str
    line: int
    attributes: dict[str, str | None]
    inside: list["Element"] = field(default_factory=list)

    def everything_inside(self) -> list["Element"]:
        return [deeper for child in self.inside for deeper in [child, *child.everything_inside()]]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", 0, {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, self.getpos()[0], dict(attrs))
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, self.getpos()[0], dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self.open) - 1, 0, -1):
            if self.open[depth].tag == tag:
                del self.open[depth:]
                return


def without_jinja(text: str) -> str:
    """The text with comments and statements blanked and expressions replaced by a word; lines keep their numbers."""

    def keep_lines(found: re.Match[str]) -> str:
        return ("jinja" if found.group().startswith("{{") else "") + "\n" * found.group().count("\n")

    return re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", keep_lines, text, flags=re.DOTALL)


def read(text: str) -> Element:
    """A template's elements below one nameless root."""
    reader = _Reader()
    reader.feed(without_jinja(text))
    reader.close()
    return reader.root
