"""update.sh brings another image to the containers: one after the other, and never fewer serve than before."""

import fcntl
from pathlib import Path

import pytest

from tests.cli.engine import Engine


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path)


def test_an_update_replaces_everything_while_as_many_serve_as_before(engine: Engine) -> None:
    done = engine.update()
    assert done.returncode == 0, done.stderr
    for service in ("web", "live", "worker-bids", "worker-mail", "watch"):
        assert set(engine.images(service)) == {"new"}, service
    assert len(engine.images("web")) == 2
    assert min(serving for _, serving in engine.log()) == 2
    migrating, workers = (
        engine.place_of("compose run --rm --no-deps migrate"),
        engine.place_of("compose up --detach --no-deps worker"),
    )
    webs, watch = (
        engine.place_of("compose up --detach --no-deps --no-recreate --scale web"),
        engine.place_of("compose up --detach --no-deps watch"),
    )
    assert migrating < workers < webs < watch, "who reads jobs and messages comes before who writes them"


def test_the_proxy_goes_on_while_its_settings_are_those_of_before(engine: Engine) -> None:
    engine.update()
    assert engine.images("proxy") == ["old"] and not [row for row, _ in engine.log() if "--force-recreate" in row]


def test_a_proxy_with_other_settings_starts_anew_after_everything_else(engine: Engine) -> None:
    engine.change(proxy="echo of a former release")
    assert "it starts anew" in engine.update().stdout
    assert engine.log()[-1][0] == "compose up --detach --no-deps --wait --force-recreate proxy"


def test_an_image_that_does_not_serve_stops_the_update_and_nobody_is_turned_away(engine: Engine) -> None:
    engine.change(health={"new": "starting"})
    done = engine.update()
    assert done.returncode == 1 and "a new container of web does not serve" in done.stderr
    assert engine.images("web") == ["old", "old"] and engine.images("live") == ["old"]
    assert min(serving for _, serving in engine.log()) == 2


def test_a_migration_that_fails_stops_the_update_before_anything_is_replaced(engine: Engine) -> None:
    engine.change(migration=1)
    assert engine.update().returncode == 1
    assert engine.images("web") == ["old", "old"] and engine.images("worker-bids") == ["old"]


def test_the_former_image_comes_back_without_a_migration(engine: Engine) -> None:
    engine.update()
    engine.change(log=[])
    done = engine.update("--back")
    assert done.returncode == 0, done.stderr
    assert engine.images("web") == ["old", "old"] and engine.images("worker-bids") == ["old"]
    assert not [row for row, _ in engine.log() if "migrate" in row or "build" in row]
    assert min(serving for _, serving in engine.log()) == 2


def test_the_former_image_comes_back_although_the_settings_name_the_later_one(engine: Engine) -> None:
    engine.update(IMAGE="lantern/cashticket:2")
    assert engine.images("web") == ["new", "new"]
    done = engine.update("--back", IMAGE="lantern/cashticket:2")
    assert done.returncode == 0, done.stderr
    for service in ("web", "live", "worker-bids", "watch"):
        assert set(engine.images(service)) == {"old"}, service
    assert "IMAGE in .env still names lantern/cashticket:2" in done.stdout


def test_there_is_no_way_back_before_the_first_update(engine: Engine) -> None:
    engine.change(unknown=["cashticket:former"])
    for settings in ({}, {"IMAGE": "lantern/cashticket:2"}):
        done = engine.update("--back", **settings)
        assert done.returncode == 1 and "no image ran before this one" in done.stderr
    assert engine.images("web") == ["old", "old"]


@pytest.mark.parametrize("webs", ["1", "4"])
def test_the_number_of_web_containers_becomes_the_wanted_one(engine: Engine, webs: str) -> None:
    assert engine.update(WEBS=webs).returncode == 0
    assert engine.images("web") == ["new"] * int(webs)
    assert min(serving for _, serving in engine.log()) == min(int(webs), 2)


def test_a_word_that_it_does_not_know_does_nothing(engine: Engine) -> None:
    done = engine.update("--forward")
    assert done.returncode == 1 and "usage" in done.stderr and engine.log() == []


@pytest.mark.parametrize("option", [(), ("--back",)])
def test_a_second_update_beside_one_that_runs_does_nothing(engine: Engine, option: tuple[str, ...]) -> None:
    with engine.place.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        done = engine.update(*option)
    assert done.returncode == 1 and "another update runs here" in done.stderr and engine.log() == []
