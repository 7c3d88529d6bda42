"""Units of systemd start what Procfile and containers start, guarded alike, and deploy.sh replaces all of it."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from lab.servers.live_service import PROCFILE, procfile_lines
from lab.servers.unit_files import COMMON, UNITS, Unit, parse, read
from tests.house.compose import compose_file, processes
from tests.house.source import ROOT

PROGRAMS = re.compile(r"/srv/cashticket/[^ ]*/\.venv/bin/")
LASTING = {"Type=notify", "Type=exec"}
NOT_REPLACED = {"cashticket-live-store.service", "cashticket-queue-store.service"}
TRIALS = {"cashticket-trial@.service", "cashticket-trial-live@.service"}
"""Asked by deploy.sh alone, which also stops them."""


def name_of(process: str) -> str:
    """The unit of a process of the Procfile: worker-bids-2 is the second of its template."""
    base, number = re.fullmatch(r"(.*?)(?:-(\d))?", process).groups()  # type: ignore[union-attr]
    if (UNITS / f"cashticket-{base}@.service").exists():
        return f"cashticket-{base}@{number or 1}.service"
    return f"cashticket-{process}.service"


def units() -> dict[str, Unit]:
    """Every service by its file; templates with the instance 1."""
    return {path.name: read(path.name.replace("@.", "@1.")) for path in sorted(UNITS.glob("*.service"))}


def lasting_units() -> dict[str, Unit]:
    """The services that run until they are stopped."""
    return {name: unit for name, unit in units().items() if f"Type={unit.value('Type')}" in LASTING}


def words(unit: Unit) -> list[str]:
    """What a unit starts, without the folder of the program."""
    return shlex.split(PROGRAMS.sub("", unit.value("ExecStart")))


def role(unit: Unit) -> str:
    """The file of settings that a unit has besides those for everybody."""
    own = [Path(path).stem for path in unit.values("EnvironmentFile") if path.startswith("/etc/cashticket/")]
    return next((name for name in own if name != "common"), "")


def test_each_process_of_the_procfile_has_a_unit_that_starts_the_very_same() -> None:
    for process, line in procfile_lines(PROCFILE).items():
        unit, command = read(name_of(process)), shlex.split(line)
        if setting := re.fullmatch(r"(\w+)=\$\{\1:-(\d+)\}", command[0]):
            assert f"{setting[1]}={setting[2]}" in unit.value("Environment").split()
            del command[0]
        assert words(unit) == command, process


def test_no_unit_starts_what_the_procfile_does_not_have() -> None:
    of_procfile = {name_of(process).replace("@1", "@") for process in procfile_lines(PROCFILE)}
    templates = {re.sub(r"@\d", "@", name) for name in of_procfile}
    assert lasting_units().keys() - TRIALS - NOT_REPLACED - {"cashticket-nginx.service"} == templates


def test_a_trial_starts_what_it_tries_on_a_port_that_the_proxy_does_not_know() -> None:
    upstreams = (ROOT / "deploy" / "host" / "upstreams.conf").read_text(encoding="utf-8")
    for trial, tried in (("trial@1", "web@1"), ("trial-live@1", "live")):
        pair = [words(read(f"cashticket-{name}.service")) for name in (trial, tried)]
        place = pair[0].index("--bind") + 1
        assert pair[0][place] != pair[1][place] and pair[0][place] not in upstreams
        assert [*pair[0][:place], *pair[0][place + 1 :]] == [*pair[1][:place], *pair[1][place + 1 :]]


def test_each_unit_has_the_secrets_of_the_role_that_its_container_has() -> None:
    services = processes()
    for process in procfile_lines(PROCFILE):
        assert role(read(name_of(process))) == services[process]["environment"]["ROLE"], process
    assert role(read("cashticket-migrate@1.service")) == services["migrate"]["environment"]["ROLE"]
    accounts = {name: unit.value("User") for name, unit in units().items()}
    assert all(account.startswith("cashticket") for account in accounts.values())
    for secret in ("mail", "push", "migration"):
        readers = {accounts[name] for name, unit in units().items() if role(unit) == secret}
        assert len(readers) == 1 and not readers & {"cashticket"}, secret


def test_migration_and_stores_are_those_of_the_containers() -> None:
    services = compose_file()["services"]
    assert [word for word in words(read("cashticket-migrate@1.service")) if word not in ("--app", "wsgi")] == (
        services["migrate"]["command"]
    )
    for store in ("live-store", "queue-store"):
        unit = read(f"cashticket-{store}.service")
        [settings] = [mount for mount in services[store]["volumes"] if "/redis-" in mount]
        assert f"/etc/cashticket/store/{Path(settings.split(':')[0]).name}" in unit.command()
        assert f"STORE_MEMORY={services[store]['command'][-1]}" in shlex.split(unit.value("Environment"))
        assert unit.command()[:2] == ["/bin/sh", "/etc/cashticket/store/start-store.sh"], "which starts mend-log.sh"


def test_what_lasts_is_started_again_and_has_time_to_end() -> None:
    grace = int(compose_file()["services"]["web"]["stop_grace_period"].removesuffix("s"))
    for name, unit in lasting_units().items():
        assert unit.value("Restart") == ("" if name in TRIALS else "always"), name
        assert int(unit.value("TimeoutStopSec")) >= grace, name
        assert unit.value("KillMode") == "mixed" or name in NOT_REPLACED, name
        assert int(unit.value("LimitNOFILE")) >= 65536, name
        assert name in TRIALS or unit.value("WantedBy", "Install") == "cashticket.target", name


def test_every_unit_is_guarded_and_none_takes_a_guard_back() -> None:
    guards = parse("", (UNITS / COMMON).read_text(encoding="utf-8")).rows
    kinds = {key for _, key, _ in guards}
    assert {"NoNewPrivileges", "ProtectSystem", "PrivateTmp", "ProtectHome", "SystemCallFilter"} <= kinds
    for path in UNITS.glob("*.service"):
        own = {key for _, key, _ in parse(path.name, path.read_text(encoding="utf-8")).rows}
        # Those of the common file come later, so one that stands in both says nothing.
        assert not own & (kinds - {"After", "Wants"}), path.name
        assert {"CapabilityBoundingSet", "User", "Group"} <= own, path.name
        assert path.name in units()


def test_each_timer_has_its_service_and_cron_lines_stay_in_the_guide() -> None:
    timers = {path.stem for path in UNITS.glob("*.timer")}
    assert timers == {"cashticket-forget", "cashticket-close-due", "cashticket-backup"}
    assert all(f"{timer}.service" in units() for timer in timers)
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for timer in ("cashticket-forget", "cashticket-close-due"):
        assert f"cd /srv/cashticket && .venv/bin/{' '.join(words(read(f'{timer}.service')))}" in operations


def test_an_update_restarts_every_process_and_asks_each_at_its_own_address(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "ROOT": str(tmp_path)}
    script = ["sh", str(ROOT / "deploy" / "deploy.sh"), "--dry-run", "1.0"]
    planned = subprocess.run(script, env=environment, capture_output=True, text=True, check=True).stdout
    restarted = re.findall(r"cashticket-\S+", " ".join(re.findall(r"systemctl restart (.*)", planned)))
    assert sorted(restarted) == sorted(name_of(process) for process in procfile_lines(PROCFILE))
    bound = {row for name in (*restarted, *TRIALS) for row in re.findall(r"--bind (\S+)", read_command(name))}
    assert set(re.findall(r"gate\.py (\S+)", planned)) >= bound - {"127.0.0.1:8009", "127.0.0.1:8010"}
    assert not list(tmp_path.iterdir()), "a dry run changes nothing"


def read_command(name: str) -> str:
    return read(name).value("ExecStart")


def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed: apt install systemd")
    shutil.copytree(UNITS, tmp_path / "units")
    paths = [path for path in (tmp_path / "units").iterdir() if path.suffix in (".service", ".timer", ".target")]
    for path in paths:
        # It wants to find the programs, and they come with a release.
        text = re.sub(r"^(Exec\w+=)(/srv|/usr/sbin)\S+", r"\1/bin/true", path.read_text(encoding="utf-8"), flags=re.M)
        path.write_text(text, encoding="utf-8")
    done = subprocess.run([program, "verify", "--man=no", *map(str, paths)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def test_systemd_makes_every_account_and_folder_that_a_unit_needs(tmp_path: Path) -> None:
    if shutil.which("systemd-sysusers") is None:
        pytest.skip("systemd-sysusers is not installed: apt install systemd")
    if os.getuid() != 0:
        pytest.skip("only root gives folders to other accounts")
    for name, rows in (("passwd", "root:x:0:0::/root:/bin/sh\n"), ("group", "root:x:0:\nadm:x:4:\n")):
        (tmp_path / "etc").mkdir(exist_ok=True)
        (tmp_path / "etc" / name).write_text(rows)
    for program in (["systemd-sysusers"], ["systemd-tmpfiles", "--create"]):
        folder = tmp_path / "etc" / f"{program[0].removeprefix('systemd-')}.d"
        folder.mkdir()
        shutil.copy(UNITS / f"{folder.stem}.conf", folder / "cashticket.conf")
        done = subprocess.run([*program, f"--root={tmp_path}", "cashticket.conf"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    accounts = {row.split(":")[0] for row in (tmp_path / "etc" / "passwd").read_text().splitlines()}
    groups = {row.split(":")[0] for row in (tmp_path / "etc" / "group").read_text().splitlines()}
    for name, unit in units().items():
        assert unit.value("User") in accounts and unit.value("Group") in groups, name
        assert all((tmp_path / path.lstrip("/")).is_dir() for path in unit.values("ReadWritePaths")), name
