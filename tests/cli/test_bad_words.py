"""Words that no command takes: bytes that are not UTF-8, enormous values, folders that are not there."""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import click
from click.testing import Result
from flask import Flask

from cashticket.cli.failures import SENTENCE_MAX, OneLineErrors, one_sentence

EUC_KR = "김".encode("euc-kr").decode("utf-8", "surrogateescape")
"""A word as a terminal that is not set to UTF-8 hands it over."""


def run(app: Flask, words: list[str]) -> Result:
    return app.test_cli_runner().invoke(args=words, input="a long password\n")


def refusal(result: Result) -> str:
    assert result.exit_code != 0 and result.stdout == "", result.output
    assert isinstance(result.exception, SystemExit), result.exception
    line = result.stderr.splitlines()[-1]
    assert line.startswith("Error: ")
    return line


def of_group(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from of_group(command, (*before, name))
        elif isinstance(command, OneLineErrors):
            yield (*before, name), command


def wanted(command: click.Command, chosen: click.Parameter) -> list[str]:
    """A bad text for one parameter, and some word for all others that are needed. It ends before anything is done."""
    words = [
        f"--{each.opts[0].lstrip('-')}=3" for each in command.params if isinstance(each, click.Option) and each.required
    ]
    if isinstance(chosen, click.Option):
        words.append(f"--{chosen.opts[0].lstrip('-')}={EUC_KR}")
    return words + [EUC_KR if each is chosen else "3" for each in command.params if isinstance(each, click.Argument)]


def test_bytes_that_are_not_utf_8_are_told_by_every_command(app: Flask) -> None:
    texts = [
        (name, command, parameter)
        for name, command in of_group(app.cli)
        for parameter in command.params
        if parameter.type is click.STRING
    ]
    assert len(texts) > 60
    for name, command, parameter in texts:
        line = refusal(run(app, [*name, *wanted(command, parameter)]))
        assert len(line) < SENTENCE_MAX and line.isprintable(), (name, parameter.name, line)


def test_an_enormous_value_is_told_in_one_short_line(app: Flask) -> None:
    why = ["--why", "asked for"]
    commands = {
        "block": why,
        "sign-out": why,
        "prove-phone": why,
        "reset-factor": why,
        "change": ["--name", "Alice", *why],
        "marks": [],
    }
    whos = ("9" * 5_000, "x" * 100_000, "alice\nbob", "\x1b[31malice")
    for who, (command, more) in product(whos, commands.items()):
        line = refusal(run(app, ["user", command, who, *more]))
        assert "There is no account" in line and len(line) < SENTENCE_MAX + 100 and line.isprintable()


def test_a_terminal_of_another_encoding_gets_question_marks_and_json_stays_utf_8(app: Flask) -> None:
    words = ["concert", "add", "--title", "봄밤 🎤", "--artist", "A", "--venue", "V", "--starts", "2041-04-10T19:00"]
    runner = app.test_cli_runner(charset="euc-kr")
    added = runner.invoke(args=words)
    assert added.exit_code == 0 and "봄밤 ?".encode("euc-kr") in added.stdout_bytes
    listed = runner.invoke(args=["concert", "list", "--json"]).stdout_bytes
    shown = runner.invoke(args=["concert", "show", str(json.loads(listed)[0]["id"]), "--json"]).stdout_bytes
    assert '"봄밤 🎤"'.encode() in listed and '"봄밤 🎤"'.encode() in shown


def test_the_middle_of_a_long_sentence_is_left_out() -> None:
    assert one_sentence("one\ntwo\x07") == "one two"
    assert one_sentence("a" * 10**6 + " is wrong.").endswith("a is wrong.")


def test_an_account_is_added_with_what_the_forms_take(app: Flask) -> None:
    words = ["user", "add", "--email", "bob@example.com", "--name", "Bob"]
    for day in ("2999-01-01", "0001-01-01", "1999-W05-1", "1999-02-30", "2020-01-01", "x"):
        assert "--birth-date" in refusal(run(app, [*words, "--birth-date", day]))
    typed = app.test_cli_runner().invoke(args=words, input=b"\xb1\xe8 a long password\n")
    assert "is not UTF-8" in refusal(typed)
    assert run(app, [*words, "--birth-date", "1999.2.3"]).exit_code == 0


def test_a_backup_is_whole_or_not_there(app: Flask, tmp_path: Path) -> None:
    target = tmp_path / "saved"
    words = ["ops", "backup", str(target), "--store-folder", str(tmp_path / "none")]
    assert "manifests" in refusal(run(app, words)) and list(tmp_path.glob("*saved*")) == []
    target.mkdir()
    assert "is there already" in refusal(run(app, words))
    (tmp_path / "file").touch()
    words[2] = str(tmp_path / "file" / "saved")
    assert "cannot be used: Not a directory" in refusal(run(app, words))
