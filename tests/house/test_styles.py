"""Style sheets: Bootstrap is cut to what is used, every class has its rule on its pages, and no page loads many."""

import re

import pytest

from lab.styles.bootstrap import RESULT, cut_bootstrap
from lab.styles.cutting import cut
from lab.styles.markup import Used, used_by_the_product, used_in
from lab.styles.sheet import classes_in, rules_of
from tests.house.pages import STATIC, files_of, pages, parts_of
from tests.house.source import templates

STYLES_MAX_BYTES = 40 * 1024
SHEETS = {path.name: path.read_text(encoding="utf-8") for path in sorted(STATIC.glob("*.css"))}
DEFINED = {name: classes_in(text) for name, text in SHEETS.items()}
# The words below a state look as they do without a rule of their own.
WITHOUT_A_RULE = {"state-detail"}


def sheets_of(page: str) -> list[str]:
    return sorted(name for name in files_of(page) if name.endswith(".css"))


def defined_on(page: str) -> set[str]:
    return {name for sheet in sheets_of(page) for name in classes_in((STATIC / sheet).read_text(encoding="utf-8"))}


def test_the_sheet_of_bootstrap_is_what_make_styles_writes() -> None:
    assert RESULT.read_text(encoding="utf-8") == cut_bootstrap(), "run `make styles`"


def test_nothing_that_is_kept_of_bootstrap_needs_what_was_left_out() -> None:
    text = SHEETS[RESULT.name]
    assert not re.findall(r"\banimation", text), "animations are left out"
    read = set(re.findall(r"var\((--[\w-]+)\)", text))
    said = set(re.findall(r"(--[\w-]+)\s*:", "".join(SHEETS.values())))
    # Each is said by none of the rules that Bootstrap has for our buttons either; a browser then takes the default.
    unsaid = {"--bs-body-text-align", "--bs-btn-hover-bg", "--bs-btn-active-bg", "--bs-btn-disabled-bg"}
    assert read - said <= unsaid


def test_every_class_of_a_template_has_a_rule_somewhere() -> None:
    used = used_by_the_product()
    everywhere = set().union(*DEFINED.values())
    assert used.written - everywhere == WITHOUT_A_RULE
    assert not [begin for begin in used.begun if not any(name.startswith(begin) for name in everywhere)]


@pytest.mark.parametrize("sheet", [name for name in SHEETS if name != RESULT.name])
def test_every_class_of_our_sheets_is_used_by_a_page(sheet: str) -> None:
    used = used_by_the_product()
    # uPlot draws what begins with u-.
    assert not {name for name in DEFINED[sheet] if not name.startswith("u-") and not used.has_classes([name])}


@pytest.mark.parametrize("page", pages())
def test_a_page_loads_the_sheets_that_its_classes_need(page: str) -> None:
    ours = set().union(*DEFINED.values())
    used = used_in(templates()[name] for name in parts_of(page))
    assert not used.written & ours - defined_on(page)


@pytest.mark.parametrize("page", pages())
def test_a_page_loads_its_sheets_once_and_few_rules(page: str) -> None:
    sheets = sheets_of(page)
    assert {"bootstrap.css", "app.css"} <= set(sheets)
    assert not [name for name in sheets if "bootstrap.min" in name]
    size = sum((STATIC / name).stat().st_size for name in sheets)
    assert size <= STYLES_MAX_BYTES, f"{size} bytes: {sheets}"


# The cutter itself


def cut_text(text: str, used: Used, next_sheet: str = "") -> str:
    return "".join(map(str, cut(rules_of(text), used, next_sheet, "")))


USED = used_in(['<p class="a b{% if x %} c{% endif %}"><input class="{{ \'d\' if y }} e-{{ kind }}" type="email">'])


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (".a{x:1}.z{x:1}", ".a{x:1}"),
        (".a,.z,p{x:1}", ".a,p{x:1}"),
        (".a.c{x:1}.a.d{x:1}", ".a.c{x:1}"),
        (".d{x:1}.e-any{x:1}.e{x:1}", ".d{x:1}.e-any{x:1}"),
        (".z .a{x:1}p>.a:hover{x:1}", "p>.a:hover{x:1}"),
        (".a:not(.z,.y)::after{x:1}", ".a:not(.z,.y)::after{x:1}"),
        ("h6{x:1}body{x:1}", "body{x:1}"),
        ("[type=email]{x:1}[type=file]{x:1}[data-bs-theme=dark]{x:1}", "[type=email]{x:1}"),
        ("::file-selector-button{x:1}::placeholder{x:1}", "::placeholder{x:1}"),
        ("@media print{.z{x:1}}@media screen{.z{x:1}.a{x:1}}", "@media screen{.a{x:1}}"),
        ("@keyframes turn{from{x:1}to{x:2}}", ""),
        (".a{--x:1;--y:var(--z);y:var(--x)}", ".a{--x:1;y:var(--x)}"),
        ('.a{content:"}{,;"}', '.a{content:"}{,;"}'),
        ("/*! .z{ */.a{x:1}", ".a{x:1}"),
    ],
)
def test_what_can_match_is_kept_and_nothing_else(text: str, kept: str) -> None:
    assert cut_text(text, USED) == kept


def test_what_the_next_sheet_says_again_in_every_case_is_left_out() -> None:
    later = ".a, .b { x: 2 } .b { y: 2 } @media print { .c { x: 2 } }"
    text = ".a{x:1;y:1}.a,.b{x:1}.a,.c{x:1}.c{x:1}@media print{.b{y:1}}.b{y:1!important}"
    assert cut_text(text, USED, later) == ".a{y:1}.a,.c{x:1}.c{x:1}.b{y:1!important}"


def test_a_brace_that_is_not_closed_is_an_error() -> None:
    with pytest.raises(ValueError, match="not closed"):
        rules_of(".a{x:1}@media print{.a{x:1}")
