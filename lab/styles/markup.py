"""What templates and scripts use: classes, elements, and attributes with their values."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

PRODUCT = Path(__file__).resolve().parents[2] / "cashticket"
STATIC = PRODUCT / "static"
REMARK = re.compile(r"\{#.*?#\}", re.DOTALL)
STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
# An expression with the beginning of a class before it, if it has one.
EXPRESSION = re.compile(r"([\w-]*)\{\{(.*?)\}\}", re.DOTALL)
LITERAL = re.compile(r"""'([^']*)'|"([^"]*)\"""")
CLASSES = re.compile(r'\bclass="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"', re.DOTALL)
ELEMENT = re.compile(r"<([a-z][a-z0-9]*)\b")
ATTRIBUTE = re.compile(r'\s([a-z][a-z-]*)(?:="([^"{]*)")?(?=[\s/>=])')
MADE_ELEMENT = re.compile(r'createElement\("(\w+)"\)')
SET_CLASSES = re.compile(r"\bclass(?:List\.(?:add|toggle|replace)\(|Name = )(.*)")
# Made without being named: the document itself, cells of rows, and the canvas of the chart.
OTHER_ELEMENTS = frozenset({"html", "body", "td", "canvas"})
# Types of fields that `blueprints/wording/form_fields.py` names, and the one that a browser takes if none is named.
OTHER_TYPES = frozenset({"text", "email", "password", "tel"})


@dataclass(slots=True)
class Used:
    """`together` holds the classes of each attribute, `begun` the beginnings of classes whose end is computed,
    `scripted` what scripts set, `attributes` the attributes by name with their values."""

    together: list[frozenset[str]] = field(default_factory=list)
    begun: set[str] = field(default_factory=set)
    scripted: set[str] = field(default_factory=set)
    elements: set[str] = field(default_factory=lambda: set(OTHER_ELEMENTS))
    attributes: dict[str, set[str]] = field(default_factory=lambda: {"type": set(OTHER_TYPES)})

    @property
    def written(self) -> frozenset[str]:
        """Every class that a template names whole."""
        return frozenset().union(*self.together)

    def has_classes(self, names: Iterable[str]) -> bool:
        """Whether one element may have all of these. What a script sets it sets on what has it in templates too, or,
        if no template has it, on anything."""
        wanted, written = set(names), self.written
        known, others = wanted & written, wanted - written - self.scripted
        if not all(any(name.startswith(begin) and name != begin for begin in self.begun) for name in others):
            return False
        return not known or any(group >= known for group in self.together)

    def has_attribute(self, name: str, value: str = "") -> bool:
        """Whether some element has it, with this value if one is given."""
        return name in self.attributes and (not value or value in self.attributes[name])


def used_in(templates: Iterable[str], scripts: Iterable[str] = ()) -> Used:
    """What these texts use."""
    used = Used()
    for text in templates:
        _read_template(REMARK.sub(" ", text), used)
    for text in scripts:
        used.elements.update(MADE_ELEMENT.findall(text))
        used.scripted.update(word for call in SET_CLASSES.findall(text) for word in _literal_words(call))
    return used


def _read_template(text: str, used: Used) -> None:
    used.elements.update(ELEMENT.findall(text))
    for name, value in ATTRIBUTE.findall(text):
        used.attributes.setdefault(name, set()).add(value)
    for classes in CLASSES.findall(text):
        group = set(STATEMENT.sub(" ", EXPRESSION.sub(" ", classes)).split())
        for begin, expression in EXPRESSION.findall(classes):
            group.update(begin + end for end in _literal_words(expression))
            if begin:
                used.begun.add(begin)
        used.together.append(frozenset(group))


def _literal_words(text: str) -> list[str]:
    words = (word for found in LITERAL.findall(text) for word in "".join(found).split())
    # Selectors are quoted as well, and begin with a dot.
    return [word for word in words if re.fullmatch(r"[\w-]+", word)]


def used_by_the_product() -> Used:
    """What all pages use."""
    templates = (path.read_text(encoding="utf-8") for path in sorted((PRODUCT / "templates").rglob("*.html")))
    scripts = (path.read_text(encoding="utf-8") for path in sorted(STATIC.glob("*.js")))
    return used_in(templates, scripts)
