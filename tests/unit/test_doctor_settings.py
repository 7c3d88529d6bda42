"""The doctor on what needs no server: Python, packages, settings, disks, and the deadline of each examination."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from cashticket.notify.vapid_keys import make_pair
from cashticket.work.doctor import installed, machine
from cashticket.work.doctor.addresses import place_of_database, place_of_store
from cashticket.work.doctor.configured import looking
from cashticket.work.doctor.diagnoses import Asking, Diagnosis, Health, Unwell, of_clock, ok
from cashticket.work.doctor.examining import Examination, examine
from tests.staging.doctor import PRODUCTION, configured, is_told, only, seen_by

ORGANISER = {
    f"organiser_{name}": "Lantern Live"
    for name in ("name", "representative", "registration_number", "mail_order_number", "address", "email", "phone")
}
ORGANISER |= {"organiser_hours": "Mon-Fri 10:00-18:00"}


def pinned(folder: Path, *lines: str) -> dict[str, Diagnosis]:
    pins = folder / "requirements.txt"
    pins.write_text("\n".join(lines))
    return seen_by(lambda: installed.look(pins))


def test_this_environment_has_the_packages_that_the_list_names() -> None:
    diagnoses = seen_by(installed.look)
    assert [each.health for each in diagnoses.values()] == [Health.OK, Health.OK]


def test_an_old_python_and_packages_that_differ_are_told(tmp_path: Path) -> None:
    old = seen_by(lambda: installed.look(python=(3, 10, 4)))["python"]
    is_told(old, Health.BAD, "3.10.4", "3.11 or newer")
    is_told(
        pinned(tmp_path, "flask==0.1 \\")["packages"], Health.WARN, "instead of 0.1", "pip install --require-hashes"
    )
    missing = pinned(tmp_path, "cashticket-of-nobody==1.0 \\", "cashticket-of-mac==1.0 ; sys_platform == 'darwin' \\")
    is_told(missing["packages"], Health.BAD, "not installed: cashticket-of-nobody", "pip install --require-hashes")
    assert "of-mac" not in missing["packages"].seen
    without = seen_by(lambda: installed.look(tmp_path / "nowhere.txt"))["packages"]
    is_told(without, Health.SKIPPED, "nowhere.txt", "")


def settings_of(app: Flask, links: tuple[str, ...] = ()) -> dict[str, Diagnosis]:
    with app.app_context():
        return seen_by(looking(links))


def test_a_complete_production_has_nothing_to_mend(tmp_path: Path) -> None:
    public, private = make_pair()
    keys = {"vapid_public_key": public, "vapid_private_key": private}
    diagnoses = settings_of(
        configured(tmp_path, disk_paths=(tmp_path,), backup_recipients=("age1…",), **ORGANISER, **keys)
    )
    assert {each.health for each in diagnoses.values()} == {Health.OK}, diagnoses


@pytest.mark.parametrize(
    ("changes", "mend"),
    [
        ({"embedded_store": True}, "REDIS_URL"),
        ({"database_url": "sqlite:////srv/cashticket.db"}, "DATABASE_URL"),
        ({"mail_url": "file:/srv/mail"}, "MAIL_URL"),
        ({"rate_limits": False}, "RATE_LIMITS"),
    ],
)
def test_a_part_for_development_is_bad_in_production(tmp_path: Path, changes: dict[str, Any], mend: str) -> None:
    is_told(settings_of(configured(tmp_path, **changes))["development parts"], Health.BAD, "in production", mend)


def test_what_is_not_set_for_a_real_site_is_told(tmp_path: Path) -> None:
    public, private = make_pair()
    app = configured(tmp_path, **(ORGANISER | {"organiser_phone": ""}), vapid_public_key=public)
    link = "REDIS_URL reaches 192.0.2.7 without TLS: write rediss://, or name the host in PLAIN_HOSTS"
    diagnoses = settings_of(app, (link,))
    is_told(diagnoses["organiser"], Health.WARN, "not set: ORGANISER_PHONE", "for every process")
    is_told(diagnoses["disk paths"], Health.WARN, "no folder is watched", "DISK_PATHS")
    is_told(diagnoses["links"], Health.WARN, "192.0.2.7 without TLS", "rediss://")
    is_told(diagnoses["push keys"], Health.WARN, "no VAPID_PRIVATE_KEY", "both keys")
    is_told(diagnoses["backup recipients"], Health.WARN, "backups are plain", "BACKUP_RECIPIENTS")
    other = configured(tmp_path, vapid_public_key=public, vapid_private_key=make_pair()[1])
    is_told(settings_of(other)["push keys"], Health.BAD, "does not belong", "ops push-keys")
    assert private not in str(diagnoses)


def test_what_other_processes_do_is_left_to_them(tmp_path: Path) -> None:
    web = settings_of(configured(tmp_path, PRODUCTION | {"ROLE": "web"}, mail_url="file:/srv/mail"))
    assert web["disk paths"].health is web["backup recipients"].health is Health.SKIPPED
    assert web["development parts"].health is Health.OK
    afar = configured(tmp_path, database_url="mysql+pymysql://a@192.0.2.9/c", redis_url="redis://192.0.2.9:6379/0")
    assert settings_of(afar)["disk paths"].health is Health.SKIPPED


def test_a_development_that_others_reach_is_told(tmp_path: Path) -> None:
    environment = {"BASE_URL": "https://tickets.example"}
    is_told(settings_of(configured(tmp_path, environment))["environment"], Health.WARN, "development", "production")
    assert settings_of(configured(tmp_path, {}))["environment"].health is Health.OK


def test_a_disk_without_room_is_told(tmp_path: Path) -> None:
    def told_of(**changes: Any) -> Diagnosis:
        with configured(tmp_path, **changes).app_context():
            return only(machine.look_at_disks)

    free = machine.space_on(tmp_path, 0)
    assert free is not None
    assert told_of(disk_paths=(tmp_path,), disk_free_min=1).health is Health.OK
    is_told(told_of(disk_paths=(tmp_path,), disk_free_min=free.free * 3), Health.BAD, str(tmp_path), "make room")
    is_told(told_of(disk_paths=(tmp_path,), disk_free_min=free.free * 2 // 3), Health.WARN, "free", "make room")
    is_told(told_of(disk_paths=(tmp_path / "no",), disk_free_min=1), Health.WARN, "no folder here", "DISK_PATHS")
    assert told_of(disk_paths=()).health is Health.SKIPPED


def test_an_examination_that_hangs_or_fails_ends_no_other() -> None:
    ended = threading.Event()

    def hang() -> Iterator[Diagnosis]:
        yield ok("first", "seen")
        ended.wait(30)

    def refuse() -> Iterator[Diagnosis]:
        raise Unwell("it refuses", "let it")

    def break_down() -> Iterator[Diagnosis]:
        raise ValueError("alice@example.com")

    examinations = (
        Examination(("first", "second", "third"), hang, "wake it", seconds=0.05),
        Examination(("fourth",), refuse, "start it"),
        Examination(("fifth",), break_down, "mend it"),
        Examination(("sixth",), lambda: [ok("sixth", "seen")], "", needs=("fourth",)),
        Examination(("seventh",), lambda: [ok("seventh", "seen")], "", needs=("first",)),
        Examination(("eighth",), lambda: [ok("eighth", "seen")], "", needs=("first", "sixth")),
    )
    first, second, third, fourth, fifth, sixth, seventh, eighth = examine(Flask("doctor"), examinations)
    ended.set()
    assert first.health is seventh.health is Health.OK
    is_told(second, Health.BAD, "no answer within 0.05 s", "wake it")
    is_told(third, Health.SKIPPED, "before `second` is mended", "")
    is_told(fourth, Health.BAD, "it refuses", "let it")
    is_told(fifth, Health.BAD, "ValueError", "mend it")
    assert "alice" not in fifth.seen
    is_told(sixth, Health.SKIPPED, "before `fourth` is mended", "")
    is_told(eighth, Health.SKIPPED, "before `fourth` is mended", "")


def test_a_clock_is_judged_only_by_what_the_time_of_asking_cannot_explain() -> None:
    moments = Asking(100.0, 107.0)
    assert moments.seconds_off(103.0) == moments.seconds_off(100.0) == 0
    assert (moments.seconds_off(110.0), moments.seconds_off(96.0)) == (3.0, -4.0)
    assert of_clock("clock", 1.9).health is Health.OK
    is_told(of_clock("clock", 3.0), Health.WARN, "3.0 s ahead of", "timedatectl")
    is_told(of_clock("clock", -3_600.0), Health.WARN, "3,600.0 s behind", "timedatectl")


def test_no_account_and_no_password_is_part_of_a_place() -> None:
    assert place_of_database("mysql+pymysql://a:secret@192.0.2.9:3307/shop?ssl_ca=x") == "192.0.2.9:3307/shop"
    assert place_of_database("mysql+pymysql://a:secret@localhost/shop?unix_socket=/s") == "a unix socket/shop"
    assert place_of_store("rediss://a:secret@192.0.2.9:6380/0?password=secret") == "192.0.2.9:6380"
    assert place_of_store("unix://a:secret@/run/store.sock?db=1") == "/run/store.sock"
    sentinels = "redis+sentinel://a:secret@10.0.0.1:26379,10.0.0.2:26379/live/0?sentinel_password=secret"
    assert place_of_store(sentinels) == "sentinels 10.0.0.1:26379,10.0.0.2:26379"
