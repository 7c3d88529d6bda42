"""A style sheet as rules, as far as our own and Bootstrap's need: plain rules, blocks such as @media, and @charset."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""")
# A stand-in for something quoted, which may hold braces and commas.
STAND_IN = re.compile(r"\0(\d+)\0")
BETWEEN_SELECTORS = re.compile(r",(?![^(]*\))")
CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")


@dataclass(frozen=True, slots=True)
class Rule:
    """`head` is what stands before the brace, `body` the declarations; a block such as @media has rules `inside`."""

    head: str
    body: tuple[str, ...] = ()
    inside: tuple["Rule", ...] = ()

    @property
    def selectors(self) -> list[str]:
        return [each.strip() for each in BETWEEN_SELECTORS.split(self.head)]

    def __str__(self) -> str:
        return f"{self.head}{{{''.join(map(str, self.inside)) or ';'.join(self.body)}}}"


def rules_of(text: str) -> list[Rule]:
    """The rules of a sheet, in order, without comments. Raises ValueError where a brace is not closed."""
    quoted: list[str] = []

    def stand_in(found: re.Match[str]) -> str:
        quoted.append(found.group())
        return f"\0{len(quoted) - 1}\0"

    def filled(part: str) -> str:
        return STAND_IN.sub(lambda found: quoted[int(found.group(1))], part).strip()

    def read(part: str) -> Iterator[Rule]:
        while "{" in part:
            head, _, rest = part.partition("{")
            body, part = _until_closed(rest)
            # What ends before the head has no braces, such as @charset.
            head = filled(head.rpartition(";")[2])
            if "{" in body:
                yield Rule(head, inside=tuple(read(body)))
            else:
                yield Rule(head, tuple(declaration for each in body.split(";") if (declaration := filled(each))))

    return list(read(QUOTED.sub(stand_in, COMMENT.sub("", text))))


def _until_closed(text: str) -> tuple[str, str]:
    """What stands before the brace that closes, and what stands behind it."""
    depth = 1
    for found in re.finditer(r"[{}]", text):
        depth += 1 if found.group() == "{" else -1
        if not depth:
            return text[: found.start()], text[found.end() :]
    raise ValueError(f"a brace is not closed: {text[:80]}")


def everything(rules: Iterable[Rule]) -> list[Rule]:
    """The rules and those inside of them."""
    return [each for rule in rules for each in [rule, *everything(rule.inside)]]


def classes_in(text: str) -> set[str]:
    """The classes that the selectors of a sheet name."""
    return {name for rule in everything(rules_of(text)) if not rule.inside for name in CLASS.findall(rule.head)}
