"""Templates: each compiles, keeps the strict content policy, guards its forms, and is called by one name everywhere."""

import re

import pytest
from flask import Flask

from tests.house.markup import Element, read
from tests.house.source import product_modules, strings, templates

PIECES = sorted(name for name in templates() if "/_" in name)


def elements(text: str) -> list[Element]:
    return read(text).everything_inside()


def test_every_template_compiles(house: Flask) -> None:
    assert templates()
    for name in templates():
        house.jinja_env.get_template(name)


def test_every_template_is_used_by_somebody() -> None:
    said = {text for source in product_modules() for text, _ in strings(source)}
    linked = re.findall(r"""\{%-?\s*(?:extends|include|import|from)\s+["']([^"']+)""", "\n".join(templates().values()))
    # Error pages may be chosen by their number.
    unused = [name for name in templates() if name not in said | set(linked) and not re.match(r"errors/\d", name)]
    assert not unused


def test_templates_name_a_concert_in_the_language_of_the_reader() -> None:
    """`title_of`, `artist_of` and `venue_of` know the English name."""
    plain = re.compile(r"\bconcert\.(?:title|artist|venue)(?:_en)?\b")
    assert not {name: found for name, text in templates().items() if (found := plain.findall(text))}


# The content policy: nothing inline


def inline_parts(text: str) -> list[str]:
    """What a strict content policy would block: inline scripts, styles, handlers, and addresses that run code."""
    found = []
    for element in elements(text):
        attributes = element.attributes
        if element.tag == "style" or (element.tag == "script" and "src" not in attributes):
            found.append(f"line {element.line}: <{element.tag}>")
        for name, value in attributes.items():
            if name == "style" or re.match(r"on[a-z]|hx-on", name):
                found.append(f"line {element.line}: {name}=")
            if re.match(r"\s*(javascript|vbscript):", value or "", re.IGNORECASE):
                found.append(f"line {element.line}: {name}={value}")
    return found


def test_no_template_holds_inline_code_or_style() -> None:
    found = {name: parts for name, text in templates().items() if (parts := inline_parts(text))}
    assert not found


@pytest.mark.parametrize(
    "text",
    [
        "<script>1</script>",
        "<style>p{}</style>",
        '<p style="color: red">',
        '<b onclick="x()">',
        '<b hx-on:click="x()">',
        '<a href="javascript:x()">',
        '<p {% if wide %}style="width: 3em"{% endif %}>',
    ],
)
def test_an_inline_part_is_seen(text: str) -> None:
    assert inline_parts(text)


# Elements that start a plug-in or another document, and those of techniques that browsers have given up.
GIVEN_UP = frozenset({"object", "embed", "applet", "param", "keygen", "isindex", "portal", "bgsound"})
GIVEN_UP |= {"frame", "frameset", "noframes", "iframe", "marquee"}


def given_up(text: str) -> list[str]:
    return [f"line {element.line}: <{element.tag}>" for element in elements(text) if element.tag in GIVEN_UP]


def test_no_template_needs_a_plug_in_or_what_browsers_have_given_up() -> None:
    assert not {name: parts for name, text in templates().items() if (parts := given_up(text))}


@pytest.mark.parametrize("text", ['<object data="/a.swf"></object>', '<embed src="/a.swf">', "<p><applet></applet>"])
def test_a_plug_in_is_seen(text: str) -> None:
    assert given_up(text)


def test_a_linked_script_is_allowed() -> None:
    assert not inline_parts(
        '<script src="{{ static_file("app.js") }}" defer></script><button type="submit" hx-post="/x">'
    )


def test_what_is_pointed_at_exists() -> None:
    """Labels, descriptions and swap targets name an id that some template has."""
    everything = [(name, element) for name, text in templates().items() for element in elements(text)]
    ids = {element.attributes.get("id") for _, element in everything}
    pointing = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "hx-target", "hx-indicator")
    lost = {
        f"{name}:{element.line} {attribute}={value}"
        for name, element in everything
        for attribute in pointing
        if (value := element.attributes.get(attribute) or "")
        for word in value.split()
        if re.fullmatch(r"#?[a-z][\w-]*", word) and "jinja" not in word and (attribute[:2] != "hx" or word[0] == "#")
        if word.lstrip("#") not in ids
    }
    assert not lost


# Forms


def unguarded_forms(text: str) -> list[str]:
    """Forms that change something and do not carry the token in a field of their own."""
    return [
        f"line {form.line}"
        for form in elements(text)
        if form.tag == "form"
        and (form.attributes.get("method") or "get").lower() != "get"
        and not any(
            field.attributes.get("name") == "csrf_token" and field.attributes.get("value") == "jinja"
            for field in form.everything_inside()
        )
    ]


# A signed token in the address is the proof, so that the page needs no session.
PROVEN_BY_ADDRESS = {"auth/unsubscribe.html"}


def test_every_form_that_changes_something_carries_the_token() -> None:
    found = {name: forms for name, text in templates().items() if (forms := unguarded_forms(_with_includes(text)))}
    assert found.keys() == PROVEN_BY_ADDRESS


def _with_includes(text: str, depth: int = 3) -> str:
    """The text with its literal includes put in place, so that a field kept in a piece of its own counts."""

    def put(found: re.Match[str]) -> str:
        return _with_includes(templates().get(found.group(1), ""), depth - 1) if depth else ""

    return re.sub(r"""\{%-?\s*include\s+["']([^"']+)["'].*?%\}""", put, text)


@pytest.mark.parametrize(
    "text",
    [
        '<form method="post" action="/x"><button>Go</button></form>',
        '<form method="POST"><input name="csrf_token" value=""></form>',
        '<form method="post"></form><input name="csrf_token" value="{{ csrf_token() }}">',
    ],
)
def test_an_unguarded_form_is_seen(text: str) -> None:
    assert unguarded_forms(text)


def test_no_form_says_get_and_changes_something() -> None:
    """htmx verbs that change something stand on elements inside a guarded form, or are forms' own."""
    for name, text in templates().items():
        for element in elements(text):
            unsafe = {"hx-put", "hx-patch", "hx-delete"} & set(element.attributes)
            assert not unsafe, f"{name}:{element.line} uses {unsafe}; the doors take GET and POST"


# One name, many spellings


def served_pieces(app: Flask) -> dict[str, str]:
    """Template of a piece → the path that answers it alone: view, last word of the path and file share the name."""
    found = {}
    for rule in app.url_map.iter_rules():
        folder, _, view = rule.endpoint.rpartition(".")
        last = rule.rule.rstrip("/").rpartition("/")[2]
        name = f"{folder}/_{view}.html"
        if name in templates() and last == view.replace("_", "-"):
            found[name] = rule.rule
    return found


def test_a_view_of_a_piece_has_the_same_name_as_its_path(house: Flask) -> None:
    endpoints = (rule.endpoint.rpartition(".") for rule in house.url_map.iter_rules())
    views = {f"{folder}/_{view}.html" for folder, _, view in endpoints}
    misnamed = (views & set(PIECES)) - set(served_pieces(house))
    assert not misnamed, f"the path must end in the piece's name: {misnamed}"


def test_the_pieces_of_the_auction_page_are_served_alone(house: Flask) -> None:
    served = served_pieces(house)
    for piece in ("board", "standing"):
        assert served.get(f"auctions/_{piece}.html", "").endswith(f">/{piece}")


def root_elements(text: str) -> list[Element]:
    return read(text).inside


def name_of(piece: str) -> str:
    """What a piece is called on a page: `state-line` for auctions/_state_line.html."""
    return piece.rpartition("/_")[2].removesuffix(".html").replace("_", "-")


@pytest.mark.parametrize("piece", PIECES)
def test_a_piece_with_an_id_is_called_by_its_file(piece: str) -> None:
    """With the folder's name before it if need be; or by the file of the piece whose place it takes for a while."""
    names = {name_of(other) for other in PIECES} | {f"{piece.partition('/')[0]}-{name_of(piece)}"}
    for root in root_elements(templates()[piece]):
        # A piece drawn once per thing carries the thing's number after its name.
        root_id = re.sub(r"(-?jinja)+$", "", root.attributes.get("id") or "")
        assert not root_id or root_id in names, f"{piece} opens with id={root_id!r}"


def test_a_piece_served_alone_is_one_element_with_its_name(house: Flask) -> None:
    for name in served_pieces(house):
        roots = root_elements(templates()[name])
        assert len({root.tag for root in roots}) == 1, f"{name} needs one root element"
        assert all(root.attributes.get("id") for root in roots), f"{name} needs an id to be swapped by"


def test_live_pieces_tell_their_version(house: Flask) -> None:
    for name in ("auctions/_board.html", "auctions/_standing.html"):
        assert all("data-version" in root.attributes for root in root_elements(templates()[name])), name


def test_only_an_alert_carries_the_mark_of_an_alert() -> None:
    """A page or piece with the mark would ring the bell for everybody who merely looks."""
    marked = {name for name, text in templates().items() if "data-alert" in text}
    assert all("alert" in name or "rank_out" in name for name in marked), marked
