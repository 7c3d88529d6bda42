"""Commands: the list is checked in, and each helps with an example."""

import re
import shlex
from pathlib import Path

import click
import pytest
from flask import Flask

from tests.house.commands import commands, groups, lines
from tests.house.source import ROOT

LIST = Path(__file__).with_name("commands.txt")


def test_the_commands_are_the_ones_on_the_list(house: Flask) -> None:
    text = LIST.read_text(encoding="utf-8").splitlines()
    built, known = set(lines(house)), {line for line in text if line and not line.startswith("#")}
    assert built == known, (
        f"new: {sorted(built - known)}\ngone: {sorted(known - built)}\n"
        "If this is meant: python -m tests.house.commands > tests/house/commands.txt, and docs/operations.md."
    )


def help_of(name: str, command: click.Command) -> str:
    with click.Context(command, info_name=f"flask {name}") as context:
        return command.get_help(context)


def test_every_command_helps_with_an_example(house: Flask) -> None:
    without = [
        name for name, command in commands(house) if f"flask {name}" not in _after_example(help_of(name, command))
    ]
    assert not without, f"the help of {without} needs a line 'Example: flask …'"


def _after_example(text: str) -> str:
    # Click wraps long lines; the example is read as one.
    return " ".join(text.partition("Example")[2].replace("--app wsgi ", "").split())


def test_every_group_says_what_it_is_for(house: Flask) -> None:
    assert not [noun for noun, group in groups(house).items() if not group.help]


def test_what_prints_things_prints_them_for_programs_too(house: Flask) -> None:
    readers = {
        name: command for name, command in commands(house) if name.endswith((" list", " show", " add", " check"))
    }
    assert readers
    for name, command in readers.items():
        assert any("--json" in parameter.opts for parameter in command.params), f"{name} needs --json"


def examples() -> list[str]:
    """The commands in blocks of docs/operations.md, each as it is typed after `flask --app wsgi`."""
    blocks = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").split("```")[1::2]
    lines_of_blocks = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line.partition("flask --app wsgi ")[2] for line in lines_of_blocks if "flask --app wsgi " in line]


def test_the_examples_of_the_docs_can_be_typed_as_they_stand(
    house: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "season.xlsx").touch()
    monkeypatch.chdir(tmp_path)
    known, typed = dict(commands(house)), [shlex.split(line) for line in examples()]
    for noun, verb, *words in typed:
        command = known[f"{noun} {verb}"]
        command.make_context(f"{noun} {verb}", words).close()
    shown = {" ".join(words[:2]) for words in typed}
    assert shown >= {"award list", "award show", "award revoke", "concert cancel", "auction add"}


def test_the_docs_describe_the_commands_that_are_there(house: Flask) -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = page.partition("## Commands")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    told = set(re.findall(r"`([a-z]+ [a-z-]+)", "\n".join(rows)))
    built = {name for name, _ in commands(house)}
    assert told == built, f"docs/operations.md lacks {sorted(built - told)} and has too much: {sorted(told - built)}"
