"""Our own scripts and style sheets: nothing that runs text as code, no words that belong to the catalogues."""

import re

import pytest

from tests.house.source import PRODUCT

SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in sorted((PRODUCT / "static").glob("*.js"))}
STYLES = {path.name: path.read_text(encoding="utf-8") for path in sorted((PRODUCT / "static").glob("*.css"))}
RUNS_TEXT = re.compile(
    r"\beval\(|\bFunction\(|new Function\b|document\.write|\.(?:inner|outer)HTML\s*\+?=(?!=)|insertAdjacentHTML"
    r"|createContextualFragment|\.srcdoc\b|createElement\(\s*['\"`]script"
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


@pytest.mark.parametrize(
    "text",
    [
        *("eval(x)", "Function(x)()", "new Function(x)", "setTimeout('x()', 1)", "createElement('script')"),
        *("box.innerHTML = answer", "box.innerHTML += answer", "range.createContextualFragment(x)", "frame.srcdoc = x"),
    ],
)
def test_running_text_as_code_is_seen(text: str) -> None:
    assert RUNS_TEXT.search(text)


@pytest.mark.parametrize("name", SCRIPTS)
def test_words_for_people_come_from_the_server(name: str) -> None:
    assert not re.findall(r"[가-힣]+", without_comments(SCRIPTS[name]))


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_keeps_its_page_out_of_the_browsers_memory(name: str) -> None:
    """A page with such a handler is loaded anew when its reader goes back to it."""
    assert not re.findall(r"\b(?:before)?unload\b", without_comments(SCRIPTS[name]))


@pytest.mark.parametrize("name", [name for name in SCRIPTS if name not in ("answers.js", "service_worker.js")])
def test_what_a_script_asks_for_is_judged_before_it_is_taken(name: str) -> None:
    """Proxies answer 200, too, or never. The service worker takes a token alone, and shows nothing."""
    code = without_comments(SCRIPTS[name])
    assert not re.findall(r"\bfetch\(", code), "window.answers.ask waits for a while alone"
    judged = re.findall(r"window\.answers\.(?:piece|page)\(|\.json\(\)", code)
    assert len(judged) >= code.count("window.answers.ask(")


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_stay_small(name: str) -> None:
    assert len(SCRIPTS[name].splitlines()) <= 200


@pytest.mark.parametrize("name", [*SCRIPTS, *STYLES])
def test_scripts_and_styles_ask_no_other_server(name: str) -> None:
    text = without_comments((SCRIPTS | STYLES)[name])
    assert not re.findall(r"(?:https?:)?//(?!www\.w3\.org/)[\w-]+\.[\w.-]+", text)


STORED = re.compile(r"(?:local|session)Storage\.(?:setItem|getItem)\((\w+)|indexedDB|document\.cookie")
# A key that is computed, as in `texts[name] = value`, could be `__proto__`.
COMPUTED_KEY = re.compile(
    r"\w\[(?!\d|last\b|last - 1\b)[a-zA-Z_.]+\]\s*=[^=]|Object\.assign\((?!\{\})|\bfor \(const \w+ in "
)


def test_browsers_store_a_switch_and_a_number_and_nothing_personal() -> None:
    """Whether to ring, the sequence number of the newest alert that rang, and when the server was last told that pushes
    are still wanted. No other script stores anything."""
    stored = {name: STORED.findall(without_comments(text)) for name, text in SCRIPTS.items()}
    assert {name: names for name, names in stored.items() if names} == {"ringing.js": ["name", "name"]}
    values = re.findall(r"(?<!function )\bstore\((\w+, .+)\);", SCRIPTS["ringing.js"])
    assert values == [
        "rung, String(alert.sequence)",
        "TOLD, String(Date.now())",
        'WANTED, wanted() ? "no" : "yes"',
    ]


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_takes_keys_from_outside(name: str) -> None:
    assert not COMPUTED_KEY.findall(without_comments(SCRIPTS[name]))


@pytest.mark.parametrize("text", ["texts[name] = value", "Object.assign(state, answer)", "for (const key in answer)"])
def test_a_key_from_outside_is_seen(text: str) -> None:
    assert COMPUTED_KEY.search(text)
