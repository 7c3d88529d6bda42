"""deploy.sh decides rightly, whatever fails. Here the programs that it calls only write down what they were asked."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("cashticket", "migrations", "gunicorn.conf.py", "nginx.conf", "requirements.txt", "worker.py", "wsgi.py")
# Each call is a line of `calls`; one that stands in `fails` fails.
RECORD = """#!/bin/sh
line="{name} $*"
echo "$line" >>{folder}/calls
! grep -qxF -- "$line" {folder}/fails
"""
PYTHON = """#!/bin/sh
case "$1 ${{2:-}}" in
    "-m venv") mkdir -p "$3/bin" && cp {folder}/programs/pip {folder}/programs/python "$3/bin" && exit ;;
    */gate.py*) shift && line="gate $1 $2" ;;
    *) exit 0 ;;
esac
echo "$line" >>{folder}/calls
! grep -qxF -- "$line" {folder}/fails || {{ echo "$1: no answer" >&2 && exit 1; }}
"""
SETTINGS = """
WORKERS="worker-bids@1 worker-mail" WEBS="web@1=127.0.0.1:8001 web@2=127.0.0.1:8002"
STEADY_SECONDS=0 GATE_SECONDS=0 REST_SECONDS=0
"""


class Machine:
    """A folder with programs that record, and a small release to bring in."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.source = folder, folder / "source"
        for name in ("programs", "etc/cashticket", "source"):
            (folder / name).mkdir(parents=True)
        (self.source / "deploy").symlink_to(ROOT / "deploy")
        for name in SHIPPED:
            (self.source / name).write_text("")
        for name in ("systemctl", "systemd-sysusers", "systemd-tmpfiles", "pip", "ssh"):
            self.write(name, RECORD.format(name=name, folder=folder))
        for name in ("python", "python3"):
            self.write(name, PYTHON.format(folder=folder))
        (folder / "etc/cashticket/deploy.conf").write_text(SETTINGS)
        self.fail()

    def write(self, name: str, text: str) -> None:
        (self.folder / "programs" / name).write_text(text)
        (self.folder / "programs" / name).chmod(0o755)

    def fail(self, *lines: str) -> None:
        """From now on these calls fail, and no others."""
        (self.folder / "fails").write_text("".join(f"{line}\n" for line in lines))
        (self.folder / "calls").write_text("")

    def deploy(self, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        environment = {"PATH": f"{self.folder}/programs:{os.environ['PATH']}", "ROOT": str(self.folder), **settings}
        # The script finds its release beside itself, so it is called by the folder of this one.
        script = self.source / "deploy" / "deploy.sh"
        return subprocess.run(["sh", str(script), *words], env=environment, capture_output=True, text=True)

    def calls(self, beginning: str) -> list[str]:
        """What was asked of a program, without its name."""
        rows = (self.folder / "calls").read_text().splitlines()
        return [row.removeprefix(beginning).strip() for row in rows if row.startswith(beginning)]

    @property
    def current(self) -> str:
        return (self.folder / "srv/cashticket/current").resolve().name

    @property
    def releases(self) -> set[str]:
        return {path.name for path in (self.folder / "srv/cashticket/releases").iterdir()}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def running(machine: Machine) -> Machine:
    """A machine on which 1.0 runs."""
    done = machine.deploy("1.0")
    assert done.returncode == 0, done.stderr
    machine.fail()
    return machine


def last_words(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode == 1, done.stdout
    return done.stderr.splitlines()[-1]


def test_the_environment_comes_from_the_hashed_list_and_nothing_is_compiled_from_source(machine: Machine) -> None:
    assert machine.deploy("1.0").returncode == 0
    [words] = machine.calls("pip install")
    assert "--require-hashes --only-binary :all:" in words and words.endswith("releases/1.0/requirements.txt")
    assert (machine.folder / "srv/cashticket/releases/1.0/release.env").read_text() == "VERSION=1.0\n"


def test_readers_of_jobs_come_before_webs_and_each_web_waits_for_the_one_before(running: Machine) -> None:
    assert running.deploy("2.0").returncode == 0
    rows = (running.folder / "calls").read_text().splitlines()
    order = [row.replace("systemctl ", "") for row in rows if "restart" in row or row.startswith("gate 127.0.0.1:800")]
    assert order == [
        "gate 127.0.0.1:8001 any",
        "gate 127.0.0.1:8002 any",
        "gate 127.0.0.1:8009 2.0",
        "restart cashticket-worker-bids@1.service cashticket-worker-mail.service",
        "restart cashticket-web@1.service",
        "gate 127.0.0.1:8001 2.0",
        "restart cashticket-web@2.service",
        "gate 127.0.0.1:8002 2.0",
        "restart cashticket-live.service",
        "gate 127.0.0.1:8003 2.0",
        "restart cashticket-watch.service",
    ]
    assert not running.calls("systemctl reload"), "the proxy has the settings that it had"


def test_the_proxy_takes_settings_of_the_machine_that_came_since_without_another_release(running: Machine) -> None:
    own = running.folder / "etc/cashticket/nginx/upstreams.conf"
    own.parent.mkdir()
    own.write_text("# With a third web.\n")
    assert running.deploy("1.0").returncode == 0
    assert (running.folder / "srv/cashticket/current/nginx/upstreams.conf").read_text() == own.read_text()
    assert running.calls("systemctl reload-or-restart") == ["cashticket-nginx.service"]
    running.fail()
    assert running.deploy("1.0").returncode == 0 and not running.calls("systemctl reload-or-restart")


def test_old_releases_go_and_the_former_one_stays(running: Machine) -> None:
    for version in ("2.0", "3.0", "4.0"):
        assert running.deploy(version, KEEP="2").returncode == 0
    assert running.releases == {"3.0", "4.0"} and running.current == "4.0"


def test_back_leads_to_the_former_release_without_a_migration(running: Machine) -> None:
    assert running.deploy("2.0").returncode == 0
    running.fail()
    assert running.deploy("--back").returncode == 0 and running.current == "1.0"
    assert not [row for row in running.calls("systemctl start") if "migrate" in row]
    assert running.deploy("--back").returncode == 0 and running.current == "2.0"


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("systemctl start cashticket-check@2.0.service", "it does not load with the settings"),
        ("systemctl start cashticket-nginx-check@2.0.service", "the proxy does not take its settings"),
        ("systemctl start cashticket-migrate@2.0.service", "the database was not migrated"),
        ("gate 127.0.0.1:8009 2.0", "trial does not serve, 127.0.0.1:8009: no answer"),
        ("gate 127.0.0.1:8010 2.0", "trial-live does not serve"),
        ("gate 127.0.0.1:8002 any", "Mend that first"),
    ],
)
def test_what_fails_before_the_link_moves_restarts_nothing(running: Machine, step: str, reason: str) -> None:
    running.fail(step)
    assert reason in last_words(running.deploy("2.0"))
    assert running.current == "1.0" and not running.calls("systemctl restart")
    assert running.calls("systemctl daemon-reload"), "the units are those of 1.0 again"


@pytest.mark.parametrize(
    ("step", "name", "restarted"),
    [
        ("gate 127.0.0.1:8002 2.0", "web@2", ["web@1", "web@2"]),
        ("gate 127.0.0.1:8003 2.0", "live", ["web@1", "web@2", "live"]),
    ],
)
def test_what_fails_later_brings_everything_back_beginning_with_what_failed(
    running: Machine, step: str, name: str, restarted: list[str]
) -> None:
    running.fail(step)
    words = last_words(running.deploy("2.0"))
    assert words.startswith("deploy.sh: 2.0: ") and name in words and running.current == "1.0"
    single = [row for row in running.calls("systemctl restart cashticket-") if " " not in row and "watch" not in row]
    assert single == [f"{each}.service" for each in [*restarted, *reversed(restarted)]]


def test_a_worker_that_ends_again_brings_everything_back(running: Machine) -> None:
    running.fail("systemctl is-active --quiet cashticket-worker-mail.service")
    (running.folder / "etc/cashticket/deploy.conf").write_text(SETTINGS.replace("STEADY_SECONDS=0", "STEADY_SECONDS=1"))
    assert "worker-mail ended; look at" in last_words(running.deploy("2.0"))
    assert running.current == "1.0" and not running.calls("systemctl restart cashticket-web")


def test_a_worker_that_was_started_again_meanwhile_brings_everything_back(running: Machine) -> None:
    """It took longer to end than the script looks at it, and has come up again each time since."""
    said = 'case "$*" in show*worker-mail*) echo 3 ;; show*) echo 0 ;; esac\n'
    running.write("systemctl", RECORD.format(name="systemctl", folder=running.folder) + said)
    assert "worker-mail ended; look at" in last_words(running.deploy("2.0"))
    assert running.current == "1.0" and running.calls("systemctl restart cashticket-watch")


def test_a_first_release_that_failed_is_enabled_by_the_next_try(machine: Machine) -> None:
    machine.fail("gate 127.0.0.1:8003 1.0")
    assert "There is no release to go back to" in last_words(machine.deploy("1.0"))
    assert not machine.calls("systemctl enable")
    machine.fail()
    assert machine.deploy("1.0").returncode == 0
    [enabled] = machine.calls("systemctl enable")
    assert {"cashticket.target", "cashticket-live.service", "cashticket-worker-mail.service"} <= set(enabled.split())
    assert machine.calls("systemctl start cashticket.target"), "so that it can be stopped"


def test_an_installation_that_is_not_ready_can_be_mended_by_an_update(running: Machine) -> None:
    running.fail("gate 127.0.0.1:8002 any")
    assert running.deploy("2.0", UNREADY="allowed").returncode == 0 and running.current == "2.0"


@pytest.mark.parametrize("version", ["", "../x", "a b", "-x", "a;b"])
def test_a_version_that_is_no_name_of_a_folder_is_refused(machine: Machine, version: str) -> None:
    assert "usage" in last_words(machine.deploy(version))


@pytest.fixture
def asked_hosts(machine: Machine) -> Callable[[], list[tuple[str, str]]]:
    """Says what was asked of which host, in order."""

    def read() -> list[tuple[str, str]]:
        rows = [row.split() for row in machine.calls("ssh -o BatchMode=yes") if "deploy.sh" in row]
        return [(row[0], row[row.index("sh") + 2]) for row in rows]

    return read


def test_all_machines_build_before_one_migrates_and_each_is_replaced_in_turn(
    machine: Machine, asked_hosts: Callable[[], list[tuple[str, str]]]
) -> None:
    assert machine.deploy("2.0", HOSTS="app-1 app-2").returncode == 0
    assert asked_hosts() == [
        ("app-1", "prepare"),
        ("app-2", "prepare"),
        ("app-1", "migrate"),
        ("app-1", "switch"),
        ("app-2", "switch"),
    ]


def test_when_the_second_machine_fails_the_first_goes_back(
    machine: Machine, asked_hosts: Callable[[], list[tuple[str, str]]]
) -> None:
    folder = machine.folder / "srv/cashticket/incoming/2.0"
    command = f"sudo env DRY_RUN=no UNREADY=refused sh {folder}/deploy/deploy.sh switch 2.0"
    machine.fail(f"ssh -o BatchMode=yes app-2 {command}")
    assert "app-2 does not run 2.0" in last_words(machine.deploy("2.0", HOSTS="app-1 app-2"))
    assert asked_hosts()[-1] == ("app-1", "--back")


def test_a_machine_that_does_not_go_back_is_told_and_the_others_go(
    machine: Machine, asked_hosts: Callable[[], list[tuple[str, str]]]
) -> None:
    base = machine.folder / "srv/cashticket"
    back, switch = (
        f"sudo env DRY_RUN=no UNREADY=refused sh {base}/{path}/deploy/deploy.sh {words}"
        for path, words in (("current", "--back"), ("incoming/2.0", "switch 2.0"))
    )
    machine.fail(f"ssh -o BatchMode=yes app-1 {back}", f"ssh -o BatchMode=yes app-2 {switch}")
    assert "app-1 did not go back" in last_words(machine.deploy("--back", HOSTS="app-1 app-2"))
    assert asked_hosts() == [("app-1", "--back"), ("app-2", "--back")]
    assert "not all others run the former release" in last_words(machine.deploy("2.0", HOSTS="app-1 app-2"))
