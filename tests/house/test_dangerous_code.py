"""Code that an attacker's text could steer: the product calls none of it, or only where a reason is written here."""

import ast
import re
from collections.abc import Callable, Iterator

import pytest

from tests.house.source import TEMPLATES, Module, calls, imports, module, product_modules, running_modules

Rule = Callable[[Module], Iterator[str]]

RUNS_TEXT = frozenset(
    {"eval", "exec", "compile", "__import__", "render_template_string", "from_string", "literal_eval"}
    # A template of Jinja calls what its text names; the others run a module or code that a name leads to.
    | {"Template", "run_path", "run_module", "CodeType"}
)
# Runs its two constant scripts inside the queue store.
RUNS_LUA = "cashticket/work/leases.py"
SHELLS = ("os.system", "os.popen", "os.exec", "os.spawn", "subprocess.getoutput", "subprocess.getstatusoutput")
# Modules that may start processes, with a list of arguments: the embedded store, the processes of `make run`, the
# load lab, and the process that decodes posters.
STARTERS = frozenset(
    {
        "cashticket/embedded_store.py",
        "cashticket/cli/demo/supervisor.py",
        "cashticket/cli/lab.py",
        "cashticket/catalogue/poster_process.py",
    }
)
UNSAFE_READERS = frozenset({"pickle", "cPickle", "dill", "marshal", "shelve", "yaml", "xml", "lxml", "jsonpickle"})
WEB_CLIENTS = ("urllib.request", "http.client", "requests", "httpx", "aiohttp", "urllib3")
# The demo asks the server that it has started whether it is ready, and its robots bid there.
ASKS_THE_WEB = frozenset({"cashticket/cli/demo/up.py", "cashticket/cli/demo/browser.py"})
# Pushes go to push services: to listed hosts at public addresses, which that module checks.
ASKS_THE_WEB |= {"cashticket/notify/push_posting.py"}
# SMS go to the gateway that SMS_URL names, and to no address that anybody typed.
ASKS_THE_WEB |= {"cashticket/notify/sms.py"}
# Who somebody is, is asked of the provider that IDENTITY_URL names.
ASKS_THE_WEB |= {"cashticket/identity/portone.py"}
SQL_TEXT = frozenset({"text", "exec_driver_sql"})
WEAK_HASHES = re.compile(r"\b(md5|sha1|md4)\b|['\"](?:md5|sha1|sha-1)['\"]", re.IGNORECASE)
# Redis itself names scripts by SHA-1; authenticator apps agree on HMAC with SHA-1, which collisions do not break.
TAKES_SHA1 = frozenset({"cashticket/engine/scripts.py", "cashticket/accounts/one_time_codes.py"})
# Chance that protects nothing: the spread of waits, and what the demo draws and does.
PLAIN_CHANCE = (
    "cashticket/models/units.py",
    "cashticket/cli/demo/",
    "cashticket/catalogue/poster_",
    "cashticket/notify/",
)
CHECKS_PATTERNS = frozenset({"compile", "fullmatch", "match", "search", "sub", "split", "findall", "finditer"})
# Markup that is not escaped again: rendered templates and our own texts with escaped values.
RAW_MARKUP = frozenset(
    {"cashticket/blueprints/concert/cached_parts.py", "cashticket/blueprints/auction/frames.py"}
    | {"cashticket/blueprints/wording/formats.py", "cashticket/blueprints/wording/numbers.py"}
)


def text_run_as_code(source: Module) -> Iterator[str]:
    for name, call in calls(source):
        runs_lua = name == "eval" and source.path == RUNS_LUA
        if name in RUNS_TEXT and not runs_lua and ast.unparse(call.func) != "re.compile":
            yield f"{source.where(call)} {ast.unparse(call.func)}"


def shells(source: Module) -> Iterator[str]:
    for _, call in calls(source):
        started = ast.unparse(call.func).startswith(SHELLS) and source.path not in STARTERS
        if started or any(keyword.arg == "shell" for keyword in call.keywords):
            yield f"{source.where(call)} {ast.unparse(call.func)}"
    for item in imports(source):
        if item.name == "subprocess" and source.path not in STARTERS:
            yield f"{source.path}:{item.line} subprocess"


def unsafe_readers(source: Module) -> Iterator[str]:
    for item in imports(source):
        if item.name.split(".")[0] in UNSAFE_READERS:
            yield f"{source.path}:{item.line} {item.name}"


def web_clients(source: Module) -> Iterator[str]:
    for item in imports(source):
        if item.name.startswith(WEB_CLIENTS) and source.path not in ASKS_THE_WEB:
            yield f"{source.path}:{item.line} {item.name}"


def built_sql(source: Module) -> Iterator[str]:
    for name, call in calls(source):
        is_cache = isinstance(call.func, ast.Attribute) and call.func.attr == "text"
        if name in SQL_TEXT and not is_cache and call.args and not _is_constant(call.args[0]):
            yield f"{source.where(call)} {ast.unparse(call)}"


def weak_hashes(source: Module) -> Iterator[str]:
    for number, text_line in enumerate(source.text.splitlines(), 1):
        if WEAK_HASHES.search(text_line.partition("#")[0]) and source.path not in TAKES_SHA1:
            yield f"{source.path}:{number} {text_line.strip()}"


def plain_chance(source: Module) -> Iterator[str]:
    for item in imports(source):
        if item.name.split(".")[0] == "random" and not source.path.startswith(PLAIN_CHANCE):
            yield f"{source.path}:{item.line} {item.name}"


def built_patterns(source: Module) -> Iterator[str]:
    for name, call in calls(source):
        is_pattern = name in CHECKS_PATTERNS and ast.unparse(call.func).startswith("re.")
        if is_pattern and not _is_constant(call.args[0]) and "re.escape" not in ast.unparse(call.args[0]):
            yield f"{source.where(call)} {ast.unparse(call)}"


def built_formats(source: Module) -> Iterator[str]:
    for name, call in calls(source):
        # A formatter of log records calls its base class, which is no format of text.
        if name != "format" or not isinstance(call.func, ast.Attribute) or ast.unparse(call.func.value) == "super()":
            continue
        if not _is_constant(call.func.value):
            yield f"{source.where(call)} {ast.unparse(call)}"


def raw_markup(source: Module) -> Iterator[str]:
    for name, call in calls(source):
        if name == "Markup" and source.path not in RAW_MARKUP and not _is_constant(call.args[0]):
            yield f"{source.where(call)} {ast.unparse(call)}"


# AES-256-GCM authenticates what it encrypts; its keys come from HKDF with SHA-256.
APPROVED_CIPHERS = frozenset({"AESGCM", "HKDF", "SHA256"})
CIPHERS = "cryptography.hazmat.primitives."


def ciphers(source: Module) -> Iterator[str]:
    for item in imports(source):
        last = item.name.rpartition(".")[2]
        if item.name.startswith(CIPHERS) and last[:1].isupper() and last not in APPROVED_CIPHERS:
            yield f"{source.path}:{item.line} {item.name}"


def test_only_approved_ciphers_are_used() -> None:
    assert not [complaint for source in product_modules() for complaint in ciphers(source)]
    used = {item.name for source in product_modules() for item in imports(source) if item.name.startswith(CIPHERS)}
    assert any(name.endswith(".AESGCM") for name in used)
    assert list(ciphers(module("cashticket.accounts.sealed", f"from {CIPHERS}ciphers.modes import ECB")))


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_constant(node.body) and _is_constant(node.orelse)
    # A name in capitals is a constant of the module.
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())


RULES: dict[str, tuple[Rule, str]] = {
    "text_run_as_code": (text_run_as_code, "eval(typed)"),
    "shells": (shells, "import os\nos.system(name)"),
    "unsafe_readers": (unsafe_readers, "import pickle"),
    "web_clients": (web_clients, "import urllib.request"),
    "built_sql": (built_sql, "session.execute(text(f'SELECT {name}'))"),
    "weak_hashes": (weak_hashes, "hashlib.sha1(name)"),
    "plain_chance": (plain_chance, "import random"),
    "built_patterns": (built_patterns, "import re\nre.search(typed, title)"),
    "built_formats": (built_formats, "typed.format(person=person)"),
    "raw_markup": (raw_markup, "Markup(title)"),
}


@pytest.mark.parametrize("name", RULES)
def test_the_product_has_none_of_it(name: str) -> None:
    rule, _ = RULES[name]
    complaints = [complaint for source in running_modules() for complaint in rule(source)]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("text", ["jinja2.Template(typed)", "environment.from_string(typed)", "runpy.run_path(typed)"])
def test_a_template_or_module_from_text_is_seen(text: str) -> None:
    assert list(text_run_as_code(module("cashticket.live.hub", text)))


@pytest.mark.parametrize("name", RULES)
def test_a_deliberate_fault_is_seen(name: str) -> None:
    rule, fault = RULES[name]
    assert list(rule(module("cashticket.live.hub", fault)))


def test_no_template_leaves_a_value_unescaped() -> None:
    for path in sorted(TEMPLATES.rglob("*.html")):
        content = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape\s+false", content), path


def test_every_exception_to_the_rules_still_exists() -> None:
    paths = {source.path for source in product_modules()}
    assert paths >= STARTERS | ASKS_THE_WEB | RAW_MARKUP
