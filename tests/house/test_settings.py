"""Settings: the environment's contract is the same in config and in the example file."""

import ast
import dataclasses
import re

from cashticket.config import Settings
from tests.house.source import ROOT, calls, product_modules, text_of

# Fields that are found out, not set.
NOT_FROM_ENVIRONMENT = {"INSTANCE", "EMBEDDED_STORE"}


def read_names() -> set[str]:
    """The variables that config asks the environment for."""
    asked = [
        argument
        for source in product_modules()
        if source.room == "config"
        for name, call in calls(source)
        if name == "get" or name.startswith("_whole_number")
        for argument in call.args
        if isinstance(argument, ast.Constant)
    ]
    return {text for node in asked if re.fullmatch(r"[A-Z_]{3,}", text := text_of(node))}


def example_lines() -> list[str]:
    return (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()


def test_every_setting_is_read_from_a_variable_of_its_name() -> None:
    fields = {field.name.upper() for field in dataclasses.fields(Settings)} - NOT_FROM_ENVIRONMENT
    assert fields == read_names()


def test_the_example_file_names_every_setting_once() -> None:
    named = [found.group(1) for line in example_lines() if (found := re.match(r"#? ?([A-Z_]{3,})=", line))]
    assert sorted(named) == sorted(read_names())


def test_every_line_of_the_example_is_explained() -> None:
    lines = example_lines()
    for number, line in enumerate(lines):
        if re.match(r"#? ?[A-Z_]{3,}=", line):
            explained = "#" in line.partition("=")[2] or (number and re.match(r"# \w+", lines[number - 1]))
            assert explained, f".env.example:{number + 1} needs a word of explanation"


def test_the_example_file_holds_no_secret() -> None:
    for line in example_lines():
        name, _, value = line.lstrip("# ").partition("=")
        assert "SECRET" not in name or not value.split("#")[0].strip(), line


def test_every_setting_has_its_comment() -> None:
    source = next(module for module in product_modules() if module.name == "cashticket.config.settings")
    lines = source.text.splitlines()
    fields = [field.name for field in dataclasses.fields(Settings)]
    for number, line in enumerate(lines):
        found = re.match(r"    (\w+): ", line)
        if found and found.group(1) in fields:
            assert lines[number - 1].strip().startswith("# "), f"settings.py:{number + 1} {line.strip()}"
