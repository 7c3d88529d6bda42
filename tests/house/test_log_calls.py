"""No log call and no text names an exception directly: messages of drivers quote what people typed."""

import ast
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.house.source import Module, calls, module, running_modules

LOG_VERBS = frozenset({"debug", "info", "warning", "error", "critical", "exception", "log", "report"})
SAFE_READERS = frozenset({"failure_text", "failure_trace", "type", "isinstance"})
# What a visitor sent, or what may hold a link's token.
OF_REQUESTS = frozenset({"path", "full_path", "url", "base_url", "query_string", "args", "form", "values", "cookies"})

# Handlers whose text goes to an operator's terminal, or that only look at the text, and never to a log.
MESSAGES_FOR_OPERATORS = {
    "cashticket/accounts/addresses.py": "why an address is malformed, by the library that checks it",
    "cashticket/catalogue/import_cells.py": "what is wrong with a cell of an organiser's file",
    "cashticket/catalogue/import_files/objects.py": "what is wrong with an organiser's file",
    "cashticket/catalogue/import_files/separated.py": "what is wrong with an organiser's file",
    "cashticket/catalogue/import_rows.py": "what is wrong with a row of an organiser's file",
    "cashticket/catalogue/import_posters.py": "what is wrong with an organiser's picture",
    "cashticket/catalogue/import_storing.py": "what is wrong with a row of an organiser's file",
    "cashticket/catalogue/plans.py": "what is wrong with the terms that an operator typed",
    "cashticket/catalogue/poster_decoding/serving.py": "a sentence of ours about a picture",
    "cashticket/catalogue/poster_files.py": "why an organiser's picture cannot be read",
    "cashticket/catalogue/poster_process.py": "a sentence of ours about a picture",
    "cashticket/catalogue/posters.py": "what is wrong with an organiser's picture",
    "cashticket/catalogue/seat_facts.py": "what is wrong with the rows that an operator typed",
    "cashticket/cli/backups.py": "what is wrong with the file of a key, without what it holds",
    "cashticket/cli/moments.py": "a sentence of ours about what an operator typed",
    "cashticket/cli/auction/check.py": "a sentence of ours for the terminal",
    "cashticket/cli/concert_import.py": "why a file cannot be read",
    "cashticket/cli/demo/up.py": "a setting that is missing",
    "cashticket/config/addresses.py": "a sentence of ours for the terminal",
    "cashticket/config/identities.py": "a sentence of ours for the terminal",
    "cashticket/config/setting_files.py": "why the file of a setting cannot be read",
    "cashticket/embedded_store.py": "why the development store did not start",
    "cashticket/engine/entries.py": "what an entry lacks, in our own words",
    "cashticket/ledger/quarantine.py": "looks whether a constraint was broken",
    "cashticket/blueprints/operator/health.py": "a sentence of ours for operators",
    "cashticket/work/backup/dumping.py": "what the database says of a copy of itself, for the terminal",
    "cashticket/work/backup/filling.py": "what the database says of a copy that it refuses, for the terminal",
    "cashticket/work/backup/sealing.py": "looks whether a key was the wrong one",
    "cashticket/work/publishing.py": "a refusal of ours for the terminal",
    "cashticket/work/rebuilding.py": "a refusal of ours for the terminal",
    "cashticket/work/voiding.py": "a refusal of ours for the terminal",
    "cashticket/work/withdrawing.py": "a refusal of ours for the terminal",
    "worker.py": "a setting that is missing",
    "wsgi.py": "a setting that is missing",
}


def caught(source: Module) -> Iterator[tuple[str, ast.ExceptHandler]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name, node


def spoken_errors(source: Module) -> Iterator[str]:
    """Caught exceptions that become text: in an f-string, by str() or repr(), or as an argument of a log call."""
    for name, handler in caught(source):
        for node in ast.walk(handler):
            if isinstance(node, ast.FormattedValue) and _is_about(node.value, name):
                yield f"{source.where(node)} {ast.unparse(node.value)} in a text"
            if isinstance(node, ast.Call) and _last_name(node.func) in {"str", "repr"} | LOG_VERBS:
                spoken = [each for each in node.args if _is_about(each, name)]
                if spoken:
                    yield f"{source.where(node)} {ast.unparse(node)}"


def _is_about(node: ast.expr, name: str) -> bool:
    """Whether an expression is the exception, or something of it other than its kind and code."""
    if isinstance(node, ast.Call):
        return _last_name(node.func) not in SAFE_READERS and any(_is_about(each, name) for each in node.args)
    if isinstance(node, ast.Attribute):
        return _is_about(node.value, name) and not node.attr.startswith("__")
    if isinstance(node, ast.BinOp):
        return _is_about(node.left, name) or _is_about(node.right, name)
    if isinstance(node, ast.Tuple):
        return any(_is_about(each, name) for each in node.elts)
    return isinstance(node, ast.Name) and node.id == name


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def logged_requests(source: Module) -> Iterator[str]:
    """Log calls that name the path, the query or a field of a request."""
    for name, call in calls(source):
        if name not in LOG_VERBS or not isinstance(call.func, ast.Attribute) or "log" not in ast.unparse(call.func):
            continue
        for node in ast.walk(call):
            if isinstance(node, ast.Attribute) and node.attr in OF_REQUESTS and ast.unparse(node.value) == "request":
                yield f"{source.where(call)} {ast.unparse(node)}"


def raw_tracebacks(source: Module) -> Iterator[str]:
    if source.path == "cashticket/logs/failures.py":
        return
    for name, call in calls(source):
        if name in ("format_exc", "print_exc", "format_exception", "print_exception"):
            yield f"{source.where(call)} {name}"


RULES = {
    "spoken_errors": (spoken_errors, "try:\n    f()\nexcept ValueError as error:\n    log.error('no: %s', error)"),
    "logged_requests": (logged_requests, "log.error('no answer at %s', request.path)"),
    "raw_tracebacks": (raw_tracebacks, "import traceback\nlog.error(traceback.format_exc())"),
}


@pytest.mark.parametrize("rule", RULES)
def test_no_log_line_quotes_an_error_or_a_request(rule: str) -> None:
    look, _ = RULES[rule]
    complaints = [line for source in running_modules() for line in look(source)]
    unexpected = [line for line in complaints if line.split(":")[0] not in MESSAGES_FOR_OPERATORS]
    assert not unexpected, "use failure_text(error), and the endpoint:\n" + "\n".join(unexpected)


@pytest.mark.parametrize("rule", RULES)
def test_a_line_that_would_quote_one_is_seen(rule: str) -> None:
    look, fault = RULES[rule]
    assert list(look(module("cashticket.work.sample", fault)))


@pytest.mark.parametrize(
    "text",
    [
        "f'{error}'",
        "f'{error.orig}'",
        "str(error)",
        "repr(error.args)",
        "log.warning('a' + error)",
        "report('x', error)",
    ],
)
def test_every_way_of_quoting_an_error_is_seen(text: str) -> None:
    source = module("cashticket.work.sample", f"try:\n    f()\nexcept OSError as error:\n    {text}")
    assert list(spoken_errors(source))


@pytest.mark.parametrize(
    "text", ["log.error('x: %s', failure_text(error))", "log.error('x', exc_info=error)", "f'{type(error).__name__}'"]
)
def test_the_kind_of_an_error_may_be_named(text: str) -> None:
    source = module("cashticket.work.sample", f"try:\n    f()\nexcept OSError as error:\n    {text}")
    assert not list(spoken_errors(source))


def test_every_exception_of_the_rule_is_needed() -> None:
    paths = {line.split(":")[0] for source in running_modules() for line in spoken_errors(source)}
    assert paths == set(MESSAGES_FOR_OPERATORS)


def test_the_guard_of_the_tests_sees_a_secret(log_guard: Any) -> None:
    for text in ("no alice@example.com", "$argon2id$v=19", "/reset/WzEsImFiY2RlZiJd"):
        logging.getLogger("cashticket.sample").warning("typed: %s", text)
        assert log_guard.leaks.pop().endswith(text)
    logging.getLogger("cashticket.sample").warning("auction 7 waits")
    assert not log_guard.leaks
