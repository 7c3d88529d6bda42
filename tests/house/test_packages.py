"""Top-level packages: `bench` and `tests` share `lab` and never import each other; the product imports none of them."""

from collections.abc import Iterator

import pytest

from tests.house.source import Module, imports, module, modules_below

# Package → the other packages of this repository that it may import.
MAY_IMPORT = {
    "cashticket": frozenset[str](),
    "lab": frozenset({"cashticket"}),
    "bench": frozenset({"cashticket", "lab"}),
    "tests": frozenset({"cashticket", "lab"}),
}


def foreign_imports(source: Module) -> Iterator[str]:
    package = source.name.split(".")[0]
    for imported in imports(source):
        other = imported.name.split(".")[0]
        if other in MAY_IMPORT and other != package and other not in MAY_IMPORT[package]:
            yield f"{source.path}:{imported.line} {package} may not import {imported.name}"


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_packages_import_only_what_lies_below_them(package: str) -> None:
    complaints = [text for source in modules_below(package) for text in foreign_imports(source)]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bench.checkers", "from tests.web import test_bids"),
        ("tests.unit.test_x", "from bench import report"),
        ("lab.history", "def late():\n    from tests.stage import Stage"),
        ("cashticket.jobs", "import lab"),
    ],
)
def test_an_import_against_the_order_is_seen(name: str, text: str) -> None:
    assert list(foreign_imports(module(name, text)))


def test_the_oracle_and_the_checkers_import_nothing_of_the_product() -> None:
    independent = ("lab.history", "lab.evidence", "lab.checkers", "lab.oracle")
    complaints = [
        f"{source.path}:{imported.line} {imported.name}"
        for source in modules_below("lab")
        if source.name.startswith(independent)
        for imported in imports(source)
        if imported.name.split(".")[0] == "cashticket"
    ]
    assert not complaints, "\n".join(complaints)


def test_the_model_of_random_auctions_imports_nothing_of_ours() -> None:
    sources = [source for source in modules_below("tests") if source.name == "tests.storm.random_auctions.model"]
    names = {imported.name.split(".")[0] for source in sources for imported in imports(source)}
    assert names == {"dataclasses", "datetime"}
