"""Production starts with safe settings or not at all: one list of everything wrong, and no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cashticket import create_app
from cashticket.config import Settings, SettingsError, load, unencrypted_links
from tests.house.source import ROOT

KEY = "5f1d9c07b2e84a6390cd71fe28ab465d93e07c1b4fa86d25"
GOOD = {
    "APP_ENV": "production",
    "SECRET_KEY": KEY,
    "DATABASE_URL": "mysql+pymysql://cashticket:pw@127.0.0.1:3306/cashticket",
    "REDIS_URL": "redis://cashticket:pw@127.0.0.1:6379/0",
    "MAIL_URL": "smtp://shop:pw@mail.example:587",
    "BASE_URL": "https://tickets.example",
}


def settings_of(folder: Path, **changes: str) -> Settings:
    return load({**GOOD, **changes}, folder / "instance")


def complaints(folder: Path, environ: dict[str, str]) -> list[str]:
    """The lines that a start with these settings is refused with."""
    with pytest.raises(SettingsError) as refused:
        load(environ, folder / "instance")
    heading, *lines = str(refused.value).splitlines()
    assert heading == "CashTicket cannot start:"
    return [each.removeprefix("  - ") for each in lines]


def test_good_settings_are_taken(tmp_path: Path) -> None:
    assert settings_of(tmp_path).production


@pytest.mark.parametrize("name", [name for name in GOOD if name != "APP_ENV"])
def test_what_production_needs_is_asked_for_by_name(tmp_path: Path, name: str) -> None:
    [sentence] = complaints(tmp_path, {key: value for key, value in GOOD.items() if key != name})
    assert sentence == f"{name} must be set in production."


UNSAFE = {
    "SECRET_KEY": [
        "x",
        "0123456789abcdef0123456789abcde",
        "a" * 64,
        "ab12" * 16,
        "0123456789abcdefghijklmnopqrstuvwxyz",
        "please-change-this-key-before-going-live-1",
        "django-insecure-9!b2k3l4m5n6o7p8q9r0s1t2u3",
    ],
    "SECRET_KEY_FALLBACKS": ["x", f"{KEY},old"],
    "RATE_LIMITS": ["off"],
    "DATABASE_URL": ["sqlite:////var/lib/cashticket.db"],
    "MIGRATION_DATABASE_URL": ["sqlite:////var/lib/cashticket.db"],
    "MAIL_URL": ["console:", "file:/var/mail", "file:mail"],
    "BASE_URL": ["http://tickets.example", "http://127.0.0.1:8000"],
}
MALFORMED = {
    "DATABASE_URL": [
        "mysql://shop:Geheim7@db/tickets",
        "mariadb://shop:Geheim7@db/tickets",
        "postgres://shop:Geheim7@db/tickets",
        "postgresql+psycopg2://shop:Geheim7@db/tickets",
        "oracle://shop:Geheim7@db/tickets",
        "mysql+pymysql://shop:Geheim7@db:abc/tickets",
        "mysql+pymysql://shop:Geheim7@db:99999/tickets",
        "mysql+pymysql://shop:Geheim7@db",
        "mysql+pymysql:///tickets",
        "mysql+pymysql://shop:Geheim7@db/tickets?charset=latin1",
        "mysql+pymysql://shop:Geheim7@db/tickets?ssl_ca=/nowhere/ca.pem",
        "mysql+pymysql://shop:Geheim7@db/tickets?conect_timeout=3",
        "db.example",
    ],
    "REDIS_URL": [
        "redis://:Geheim7#b@127.0.0.1:6379/0",
        "redis://:a/Geheim7@127.0.0.1:6379/0",
        "127.0.0.1:6379",
        "http://127.0.0.1:6379",
        "redis://127.0.0.1:99999",
        "redis://127.0.0.1:0",
        "redis://[::1",
        "redis://",
        "unix://",
        "redis://127.0.0.1/first",
        "redis://127.0.0.1/0?sokket_timeout=3",
        "rediss://127.0.0.1/0?ssl_ca_certs=/nowhere/ca.pem",
    ],
    "MAIL_URL": [
        "smtp.naver.com:465",
        "smtp://",
        "smtp://mail.example:abc",
        "smtp://mail.example:0",
        "smtp://[::1",
        "smtp://shop:Geheim7#b@mail.example",
        "smtp://shop:Geheim7@mail.example?starttls=optional",
        "smtp://mail.example?tls=no",
        "pigeon:home",
    ],
    "BASE_URL": [
        "http://[::1",
        "https://tickets.example:https",
        "https://tickets.example:0",
        "https://tickets.example/shop",
        "https://shop:Geheim7@tickets.example",
        "https://tickets..example",
        "https://tickets example",
        "https://",
        "tickets.example",
        "ftp://tickets.example",
    ],
    "PORT": ["0", "65536", "http", "-1", "٨", "9" * 5000],
    "PROXIES": ["one", "11"],
    "SOCKETS_MAX": ["0", "1e3"],
    "BACKLOG_MAX": ["0"],
    "ROLE": ["king"],
    "RATE_LIMITS": ["no"],
    "DATABASE_ACCOUNT": ["a'b", "a b", "a@b'"],
}
MALFORMED["QUEUE_REDIS_URL"] = MALFORMED["REDIS_URL"]
MALFORMED["MIGRATION_DATABASE_URL"] = MALFORMED["DATABASE_URL"]
MALFORMED["DATABASE_READER_URL"] = [each for each in MALFORMED["DATABASE_URL"] if each.startswith("mysql+pymysql")]


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in UNSAFE.items() for value in values])
def test_what_is_for_development_is_refused_in_production_and_never_quoted(
    tmp_path: Path, name: str, value: str
) -> None:
    [sentence] = complaints(tmp_path, {**GOOD, name: value})
    assert sentence.startswith(name) and sentence.endswith(".")
    assert name not in ("SECRET_KEY", "SECRET_KEY_FALLBACKS") or len(value) < 5 or value not in sentence


@pytest.mark.parametrize("app_env", ["development", "production"])
@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in MALFORMED.items() for value in values],
    ids=lambda each: str(each)[:60],
)
def test_what_is_malformed_is_named_in_one_sentence_without_a_password(
    tmp_path: Path, name: str, value: str, app_env: str
) -> None:
    [sentence] = complaints(tmp_path, {**GOOD, "APP_ENV": app_env, name: value})
    assert sentence.startswith(f"{name} ") and sentence.endswith(".") and len(sentence) < 400
    assert name == "BASE_URL" or "Geheim7" not in sentence


def test_a_url_without_a_driver_is_told_what_to_write(tmp_path: Path) -> None:
    [sentence] = complaints(tmp_path, {**GOOD, "DATABASE_URL": "mysql://shop:pw@db/tickets"})
    assert "write mysql+pymysql://" in sentence


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    bad = {"APP_ENV": "production", "SECRET_KEY": "x", "DATABASE_URL": "mysql://h/d", "PORT": "0", "RATE_LIMITS": "off"}
    assert {sentence.split()[0].partition("=")[0] for sentence in complaints(tmp_path, bad)} == {
        "SECRET_KEY", "DATABASE_URL", "REDIS_URL", "MAIL_URL", "BASE_URL", "PORT", "RATE_LIMITS",
    }  # fmt: skip


def test_a_host_in_other_letters_is_written_as_browsers_write_it(tmp_path: Path) -> None:
    assert settings_of(tmp_path, BASE_URL="https://티켓.Example/").base_url == "https://xn--7f7br4e.example"


@pytest.mark.parametrize(
    ("role", "needed"),
    [
        ("web", {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "BASE_URL"}),
        ("mail", {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "BASE_URL", "MAIL_URL"}),
        ("push", {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "BASE_URL"}),
        ("worker", {"SECRET_KEY", "DATABASE_URL", "REDIS_URL"}),
        ("migration", {"MIGRATION_DATABASE_URL"}),
    ],
)
def test_a_process_starts_with_the_secrets_of_its_role_alone(tmp_path: Path, role: str, needed: set[str]) -> None:
    values = {**GOOD, "MIGRATION_DATABASE_URL": "mysql+pymysql://migrate:pw@127.0.0.1:3306/cashticket"}
    least = {name: values[name] for name in needed} | {"APP_ENV": "production", "ROLE": role}
    create_app(load(least, tmp_path / "instance"))
    assert not (tmp_path / "instance" / "secret_key").exists()
    for name in needed:
        assert complaints(tmp_path, {key: value for key, value in least.items() if key != name})


# Settings as files


def test_a_secret_can_be_a_file_and_ends_before_its_line_break(tmp_path: Path) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "MAIL_URL"):
        (tmp_path / name).write_text(GOOD[name] + "\n")
    environ = {
        "APP_ENV": "production",
        "BASE_URL": GOOD["BASE_URL"],
        **{f"{name}_FILE": str(tmp_path / name) for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "MAIL_URL")},
    }
    settings = load(environ, tmp_path / "instance")
    assert (settings.secret_key, settings.database_url) == (KEY, GOOD["DATABASE_URL"])
    assert (settings.redis_url, settings.mail_url) == (GOOD["REDIS_URL"], GOOD["MAIL_URL"])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read"),
        (b"\n", "is empty"),
        (b"\xff\xfe", "not UTF-8"),
        (b"a\nb\n", "more than one line"),
        (b"x" * 70_000, "larger than 64 KiB"),
    ],
)
def test_a_secret_file_that_is_no_secret_is_named_once(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    environ = {name: value for name, value in GOOD.items() if name != "SECRET_KEY"}
    [complaint] = complaints(tmp_path, {**environ, "SECRET_KEY_FILE": str(file)})
    assert complaint.startswith("SECRET_KEY_FILE names") and sentence in complaint


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    [complaint] = complaints(tmp_path, {**GOOD, "SECRET_KEY_FILE": str(tmp_path / "key")})
    assert complaint == "SECRET_KEY and SECRET_KEY_FILE are both set; leave one of them out."


# Links without TLS


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, set()),
        ({"DATABASE_URL": "mysql+pymysql://u:pw@db.example/d"}, {"DATABASE_URL"}),
        ({"DATABASE_READER_URL": "mysql+pymysql://u:pw@db.example/d"}, {"DATABASE_READER_URL"}),
        ({"REDIS_URL": "redis://u:pw@10.0.0.7:6379/0"}, {"REDIS_URL", "QUEUE_REDIS_URL"}),
        ({"REDIS_URL": "rediss://u:pw@10.0.0.7:6379/0", "QUEUE_REDIS_URL": "unix:///run/q.sock"}, set()),
        ({"DATABASE_URL": "mysql+pymysql://u:pw@database/d", "PLAIN_HOSTS": "database, live-store"}, set()),
    ],
)
def test_a_link_to_another_machine_without_tls_is_told_without_its_password(
    tmp_path: Path, changes: dict[str, str], named: set[str]
) -> None:
    sentences = list(unencrypted_links(settings_of(tmp_path, **changes)))
    assert {sentence.split()[0] for sentence in sentences} - {"MIGRATION_DATABASE_URL"} == named
    assert not [sentence for sentence in sentences if "pw" in sentence]


# Processes


@pytest.mark.parametrize(
    "command",
    [
        ["gunicorn", "--config", "gunicorn.conf.py", "--bind", "127.0.0.1:0", "wsgi:app"],
        ["flask", "--app", "wsgi", "concert", "list"],
        ["flask", "--app", "wsgi", "db", "upgrade"],
        [str(ROOT / "worker.py"), "mail"],
    ],
    ids=["gunicorn", "command", "migration", "worker"],
)
def test_every_process_ends_at_once_with_the_list_and_no_traceback(command: list[str]) -> None:
    program = command if command[0].startswith("/") else ["-m", *command]
    environ = {"PATH": os.environ["PATH"], "APP_ENV": "production", "SECRET_KEY": "x", "DATABASE_URL": "mysql://h/d"}
    done = subprocess.run(
        [sys.executable, *program], env=environ, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    shown = done.stdout + done.stderr
    assert done.returncode != 0 and "Traceback" not in shown
    assert shown.count("CashTicket cannot start:") == 1
    for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "MAIL_URL", "BASE_URL"):
        assert shown.count(f"  - {name} ") == 1


@pytest.mark.parametrize("queue", ["mail", "push"])
def test_a_worker_with_secrets_of_its_own_names_the_role_it_needs(queue: str) -> None:
    environ = {**GOOD, "ROLE": "worker", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "worker.py", queue], env=environ, cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1 and done.stderr.endswith(f"ROLE is worker; the queue {queue} needs ROLE={queue}.\n")
