"""Each container of docker-compose.yml has the rights, secrets and networks that it needs, and no others."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cashticket.config import load
from tests.house.compose import Reader, compose_file
from tests.house.source import ROOT

FILE = compose_file()
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
WORKERS = {"worker-bids", "worker-settlement", "worker-checks", "worker-mail", "worker-push"}
SAVERS = {"backup", "restore"}
PRODUCT = {"web", "live", *WORKERS, "watch", "migrate", *SAVERS}
STORES = {"database", "live-store", "queue-store"}
OBSERVERS = {"prometheus", "grafana"}
DRIVERS = {"load"}
OUTWARD = {name for name, network in FILE["networks"].items() if not network or network.get("internal") != "true"}
SIGNS = {"secret_key", "secret_key_fallbacks"}
READS = {"database_url", "live_store_url", "queue_store_url"}
SECRETS = {
    "proxy": {"certificate", "certificate_key"},
    **dict.fromkeys(PRODUCT - {"migrate", "worker-mail", "worker-push", *SAVERS}, SIGNS | READS),
    # Pages and commands ask whether there is a gateway; the worker sends.
    **dict.fromkeys(("web", "watch"), SIGNS | READS | {"sms_url"}),
    "worker-mail": SIGNS | READS | {"mail_url", "sms_url", "identity_url", "identity_key"},
    "worker-push": SIGNS | READS | {"vapid_private_key"},
    "migrate": {"migration_database_url"},
    "backup": {"database_url"},
    "restore": {"migration_database_url", "live_store_url", "queue_store_url"},
    "database": {"database_password", "migration_password"},
    "live-store": {"live_store_password"},
    "queue-store": {"queue_store_password"},
    **{name: set() for name in OBSERVERS | DRIVERS},
}
IN_IMAGE = {"requirements.txt", "gunicorn.conf.py", "wsgi.py", "worker.py", "migrations", "cashticket"}
every_service = pytest.mark.parametrize("name", SERVICES)


def test_every_service_is_one_that_these_tests_know() -> None:
    assert set(SERVICES) == PRODUCT | STORES | OBSERVERS | DRIVERS | {"proxy"}


@every_service
def test_a_container_writes_nowhere_gains_no_rights_and_is_bounded(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] == "true" and service["cap_drop"] == ["ALL"] and "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"] and "privileged" not in service
    assert 0 < int(service["pids_limit"]) <= 1024
    assert re.fullmatch(r"[1-4]g|[1-9][0-9]{2}m", service["mem_limit"])
    assert service["logging"]["options"]["max-size"]


@every_service
def test_a_container_runs_as_an_account_of_its_own(name: str) -> None:
    if name in SAVERS:
        # That of the live store by its number: the name is unknown in our image.
        assert SERVICES[name]["user"] == "999:999" and SERVICES["live-store"]["user"] == "redis"
    elif name in PRODUCT:
        assert "\nUSER 10001:10001\n" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    else:
        assert SERVICES[name]["user"] in ("nginx", "mysql", "redis", "nobody", "grafana", "k6")


@every_service
def test_a_container_has_the_secrets_that_it_uses_and_no_others(name: str) -> None:
    service = SERVICES[name]
    assert set(service.get("secrets", ())) == SECRETS[name] <= set(FILE["secrets"])
    files = {value.removeprefix("/run/secrets/") for value in service.get("environment", {}).values()
             if str(value).startswith("/run/secrets/")}  # fmt: skip
    if name not in ("proxy", "database"):
        assert files == SECRETS[name]


@every_service
def test_no_secret_stands_in_an_environment(name: str) -> None:
    environment = SERVICES[name].get("environment", {})
    secret = re.compile(r"SECRET|PASSWORD|_URL|_KEY")
    # Pages name store and channel of who verifies identities; neither is a secret.
    allowed = {"BASE_URL", "MYSQL_RANDOM_ROOT_PASSWORD", "VAPID_PUBLIC_KEY", "IDENTITY_URL"}
    assert not [key for key in environment if secret.search(key) and not key.endswith("_FILE") and key not in allowed]


@every_service
def test_only_the_workers_for_mail_and_pushes_and_the_proxy_reach_outside(name: str) -> None:
    networks = set(SERVICES[name]["networks"])
    assert networks <= set(FILE["networks"])
    outward = {"proxy": {"edge"}, "worker-mail": {"mail"}, "worker-push": {"push"}}.get(name, set())
    assert networks & OUTWARD == outward
    assert (name == "proxy") == ("ports" in SERVICES[name])
    assert ("inside" in networks) == (name not in {"proxy", *DRIVERS}), "the proxy reaches no store"
    assert ("front" in networks) == (name in {"proxy", "web", "live", *DRIVERS})


def test_only_this_machine_reaches_the_proxy_before_somebody_opens_it() -> None:
    assert SERVICES["proxy"]["ports"] == ["${PUBLISH:-127.0.0.1:443:8443}", "${PUBLISH_PLAIN:-127.0.0.1:80:8080}"]


def test_figures_are_kept_and_shown_only_where_they_are_asked_for() -> None:
    assert {name for name, service in SERVICES.items() if "profiles" in service} == OBSERVERS | SAVERS | DRIVERS
    for name in OBSERVERS:
        assert SERVICES[name]["profiles"] == ["observe"] and "ports" not in SERVICES[name]
        mounted = [volume for volume in SERVICES[name]["volumes"] if volume.startswith("./")]
        assert all(volume.endswith(":ro") and (ROOT / volume.split(":")[0]).is_file() for volume in mounted)


def test_backups_are_made_only_when_somebody_asks_and_read_what_they_copy() -> None:
    for name, rights in (("backup", (":ro", "")), ("restore", ("", ":ro"))):
        service = SERVICES[name]
        assert service["profiles"] == ["backup"] and service["restart"] == "no" and service["depends_on"] == {}
        store, folder = service["volumes"]
        assert (store, folder) == (f"live-store:/data{rights[0]}", f"${{BACKUPS:-./backups}}:/backups{rights[1]}")


def test_what_drives_load_runs_once_when_somebody_asks_and_is_told_no_secret() -> None:
    service = SERVICES["load"]
    assert service["profiles"] == ["load"] and service["restart"] == "no" and "ports" not in service
    assert service["volumes"] == ["./deploy/compose/load.js:/etc/cashticket/load.js:ro"]
    assert service["links"] == ["proxy:${SITE}"], "it knows the proxy alone"


def test_bids_are_recorded_by_another_container_than_mail_is_sent_by() -> None:
    commands = {name: SERVICES[name]["command"][-1] for name in SERVICES if name.startswith("worker")}
    assert commands == {f"worker-{each}": each for each in ("bids", "settlement", "checks", "mail", "push")}


@every_service
def test_a_container_that_serves_is_asked_whether_it_does(name: str) -> None:
    check = SERVICES[name].get("healthcheck", {})
    if name in {*WORKERS, *SAVERS, *DRIVERS, "watch", "migrate"}:
        assert check == {"disable": "true"}, "it serves nothing; /readyz and /metrics tell of its work"
    elif name in {"web", "live"}:
        assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text(encoding="utf-8") and not check
    else:
        assert check["test"] and check["interval"]


def test_limits_of_backlog_and_disks_reach_who_reads_them() -> None:
    for name in PRODUCT - {"migrate", *SAVERS}:
        assert SERVICES[name]["environment"]["BACKLOG_MAX"].startswith("${BACKLOG_MAX:-")
    watch = SERVICES["watch"]
    assert watch["environment"]["DISK_FREE_MIN"].startswith("${DISK_FREE_MIN:-")
    for path in watch["environment"]["DISK_PATHS"].split(":"):
        assert any(f":{path}:ro" in volume for volume in watch["volumes"])


@every_service
def test_an_image_has_a_version_and_can_be_named_by_digest(name: str) -> None:
    image = SERVICES[name]["image"]
    if name in PRODUCT:
        assert image == "${IMAGE:-cashticket}" and SERVICES[name]["build"] == "."
        return
    found = re.fullmatch(r"\$\{[A-Z]+_IMAGE:-[a-z]+(?:/[a-z0-9]+)?:v?[0-9][\w.-]+(@sha256:[0-9a-f]{64})?\}", image)
    assert found and bool(found[1]) == (name not in OBSERVERS | DRIVERS), "those of Docker are named by digest as well"


@pytest.mark.parametrize("name", sorted(PRODUCT))
def test_the_settings_of_each_container_are_a_production_that_starts(name: str, tmp_path: Path) -> None:
    folder = made_secrets(tmp_path)
    (folder / "mail_url").write_text("smtp://user:password@mail.example:587\n")
    watched = tmp_path / "watched"
    for disk in ("live-store", "database"):
        (watched / disk).mkdir(parents=True)
    environ = {}
    for key, value in SERVICES[name]["environment"].items():
        # What is mounted there.
        filled = value.replace("/run/secrets", str(folder)).replace("/watched", str(watched))
        environ[key] = re.sub(
            r"\$\{(\w+)(?::[-?]([^}]*))?\}", lambda m: "tickets.example" if m[1] == "SITE" else m[2], filled
        )
    settings = load(environ, tmp_path / "instance")
    assert settings.production and settings.role == environ["ROLE"]


def made_secrets(folder: Path) -> Path:
    script = ROOT / "deploy" / "compose" / "make-secrets.sh"
    subprocess.run(["/bin/sh", str(script), str(folder / "secrets")], check=True, capture_output=True)
    return folder / "secrets"


def test_secrets_are_made_once_and_only_their_owner_enters_the_folder(tmp_path: Path) -> None:
    folder = made_secrets(tmp_path)
    before = {path.name: path.read_text() for path in folder.iterdir()}
    assert before.keys() == set(FILE["secrets"]) - {"certificate", "certificate_key", "mail_url"}
    assert folder.stat().st_mode & 0o777 == 0o700
    made_secrets(tmp_path)
    assert {path.name: path.read_text() for path in folder.iterdir()} == before
    assert len({before[name] for name in before if "password" in name or name == "secret_key"}) == 5


def test_secrets_and_demo_stay_out_of_repository_and_image() -> None:
    assert "deploy/compose/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in rules and not [rule for rule in rules if rule.startswith("!") and "deploy" in rule]
    assert rules.index("cashticket/cli/demo") > rules.index("!cashticket")
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert {name for names in copied for name in names.split()} <= {rule[1:] for rule in rules if rule.startswith("!")}


def test_the_image_holds_the_product_alone() -> None:
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {rule[1:] for rule in rules if rule.startswith("!")} == IN_IMAGE
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    sources = [
        names.split() for names in re.findall(r"^(?:COPY|ADD) (?!--from=packages )(.*) \S+$", image, re.MULTILINE)
    ]
    assert {name for names in sources for name in names} == IN_IMAGE
    installs = re.findall(r"pip .*install (.*) \\$", image, re.MULTILINE)
    assert installs == ["--require-hashes --only-binary :all: --no-binary http-ece -r requirements.txt"]


def test_no_container_runs_a_debugger_or_what_is_for_development() -> None:
    files = [(ROOT / name).read_text(encoding="utf-8") for name in ("Dockerfile", "docker-compose.yml", "Procfile")]
    for text in files:
        assert not re.search(
            r"FLASK_DEBUG|--debug|--reload|flask run|PYTHONDEVMODE|APP_ENV(?!=production|: production)", text
        )


@pytest.mark.parametrize("text", ["a: [b", "a: {b: c", "a: b\n  c", "a: b\na: c", "a: *b", "- a", "a: 'b' c"])
def test_what_the_reader_does_not_know_is_an_error(text: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        Reader(text).document()
