"""Cuts a style sheet down: to rules that can match, declarations that can count, and variables that somebody reads."""

import re
from collections.abc import Callable, Iterable

from lab.styles.markup import Used
from lab.styles.sheet import CLASS, Rule, rules_of

READ_VARIABLE = re.compile(r"var\((--[\w-]+)")
NAMES = re.compile(
    r"\[(?P<attribute>[\w-]+)(?:[~|^$*]?=(?P<value>[^\]]*))?\]|::?(?P<state>[\w-]+)|\.[\w-]+|(?P<element>[a-z][a-z0-9]*)"
)
# What a selector excludes need not be there.
EXCLUDED = re.compile(r":not\([^)]*\)")
BETWEEN_ELEMENTS = re.compile(r"[\s>+~]+")
# Parts that browsers draw only inside fields of one type.
PARTS_OF_FIELDS = {"spin-button": "number", "color": "color", "file": "file", "search": "search"}
# What Bootstrap says of the parts of a field for days: browsers draw them well, and the height of fields is in app.css.
LEFT_TO_BROWSERS = "date"


def cut(rules: Iterable[Rule], used: Used, next_sheet: str, other_sheets: str) -> list[Rule]:
    """The rules that can match something. Without declarations that `next_sheet`, which is always loaded later, makes
    anew for the same selectors, and without variables that neither the rules nor a sheet reads."""
    kept = _without_what_is_said_again(_matching(rules, used), _declared(rules_of(next_sheet)))
    while (fewer := _without_unread_variables(kept, next_sheet + other_sheets)) != kept:
        kept = fewer
    return kept


def _matching(rules: Iterable[Rule], used: Used) -> list[Rule]:
    found = []
    for rule in rules:
        if rule.inside:
            # Nothing that is kept moves by an animation; the house test on the result says so.
            inside = () if rule.head.startswith("@keyframes") else tuple(_matching(rule.inside, used))
            if inside:
                found.append(Rule(rule.head, inside=inside))
        elif selectors := [each for each in rule.selectors if can_match(each, used)]:
            found.append(Rule(",".join(selectors), rule.body))
    return found


def can_match(selector: str, used: Used) -> bool:
    """Whether some page may have an element that this selector chooses."""
    return all(_can_be_there(element, used) for element in BETWEEN_ELEMENTS.split(EXCLUDED.sub("", selector)))


def _can_be_there(element: str, used: Used) -> bool:
    """Whether what is said of one element of a selector can be true."""
    return used.has_classes(CLASS.findall(element)) and all(_is_used(found, used) for found in NAMES.finditer(element))


def _is_used(name: re.Match[str], used: Used) -> bool:
    if name["attribute"]:
        return used.has_attribute(name["attribute"], (name["value"] or "").strip("\"'"))
    if name["state"]:
        if LEFT_TO_BROWSERS in name["state"]:
            return False
        types = [kind for part, kind in PARTS_OF_FIELDS.items() if part in name["state"]]
        return all(used.has_attribute("type", kind) for kind in types)
    return not name["element"] or name["element"] in used.elements


def _declared(rules: Iterable[Rule]) -> dict[str, set[str]]:
    """The names that each selector declares in every case, so not inside of @media and the like."""
    found: dict[str, set[str]] = {}
    for rule in rules:
        for selector in rule.selectors if rule.body and not rule.head.startswith("@") else ():
            found.setdefault(selector, set()).update(_name(each) for each in rule.body)
    return found


def _without_what_is_said_again(rules: Iterable[Rule], said_later: dict[str, set[str]]) -> list[Rule]:
    def counts(rule: Rule, name: str) -> bool:
        return not all(name in said_later.get(selector, ()) for selector in rule.selectors)

    return _with_declarations(rules, counts)


def _without_unread_variables(rules: list[Rule], other_sheets: str) -> list[Rule]:
    read = set(READ_VARIABLE.findall("".join(map(str, rules)) + other_sheets))
    return _with_declarations(rules, lambda _, name: not name.startswith("--") or name in read)


def _with_declarations(rules: Iterable[Rule], is_kept: Callable[[Rule, str], bool]) -> list[Rule]:
    """With the declarations that are kept, and without rules that then say nothing. What is important stays."""
    found = []
    for rule in rules:
        inside = tuple(_with_declarations(rule.inside, is_kept))
        body = tuple(each for each in rule.body if "!important" in each or is_kept(rule, _name(each)))
        if inside or body:
            found.append(Rule(rule.head, body, inside))
    return found


def _name(declaration: str) -> str:
    return declaration.partition(":")[0].strip()
