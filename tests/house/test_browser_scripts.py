"""Our own scripts and style sheets: nothing that runs text as code, no words that belong to the catalogues."""

import re

import pytest

from tests.house.source import PRODUCT

SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in sorted((PRODUCT / "static").glob("*.js"))}
STYLES = {path.name: path.read_text(encoding="utf-8") for path in sorted((PRODUCT / "static").glob("*.css"))}
RUNS_TEXT = re.compile(
    r"\beval\(|new Function\b|document\.write|\.(?:inner|outer)HTML\s*=|insertAdjacentHTML"
    r"|set(?:Timeout|Interval)\(\s*['\"`]"
)


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/|^[ \t]*//[^\n]*", "", text, flags=re.DOTALL | re.MULTILINE)


def test_there_are_scripts_and_styles_to_judge() -> None:
    assert SCRIPTS and STYLES


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_runs_text_as_code(name: str) -> None:
    assert not RUNS_TEXT.findall(without_comments(SCRIPTS[name]))


def test_only_comments_are_left_out_of_judgement() -> None:
    assert without_comments("// one\nlet two; /* three */\nlet four;").split() == ["let", "two;", "let", "four;"]


@pytest.mark.parametrize("text", ["eval(x)", "box.innerHTML = answer", "setTimeout('x()', 1)"])
def test_running_text_as_code_is_seen(text: str) -> None:
    assert RUNS_TEXT.search(text)


@pytest.mark.parametrize("name", SCRIPTS)
def test_words_for_people_come_from_the_server(name: str) -> None:
    assert not re.findall(r"[가-힣]+", without_comments(SCRIPTS[name]))


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_stay_small(name: str) -> None:
    assert len(SCRIPTS[name].splitlines()) <= 400


@pytest.mark.parametrize("name", [*SCRIPTS, *STYLES])
def test_scripts_and_styles_ask_no_other_server(name: str) -> None:
    text = without_comments((SCRIPTS | STYLES)[name])
    assert not re.findall(r"(?:https?:)?//(?!www\.w3\.org/)[\w-]+\.[\w.-]+", text)
