"""Two addresses of one store are one store: what lies there is lost with it."""

from pathlib import Path

import pytest

from cashticket.witness.same_store import is_same_store

LIVE = "redis://127.0.0.1:6379/0"


@pytest.mark.parametrize(
    "other",
    [
        LIVE,
        "redis://127.0.0.1:6379/1",
        "redis://127.0.0.1",
        "redis://localhost:6379/5",
        "redis://LOCALHOST",
        "redis://[::1]:6379/0",
        "redis://127.0.0.2:6379/0",
        "rediss://127.0.0.1:6379/0?ssl_ca_certs=/etc/ssl/store.pem",
        "redis://queue:a-%40-password@127.0.0.1:6379/0",
        "redis:///3",
    ],
)
def test_the_same_server_under_another_spelling_is_the_same_store(other: str) -> None:
    assert is_same_store(LIVE, other) and is_same_store(other, LIVE)


@pytest.mark.parametrize(
    "other",
    [
        "redis://127.0.0.1:6380/0",
        "redis://198.51.100.7:6379/0",
        "redis://queue-store.invalid:6379/0",
        "unix:///run/redis/store.sock",
    ],
)
def test_another_server_is_another_store(other: str) -> None:
    assert not is_same_store(LIVE, other)


def test_one_socket_under_two_paths_is_the_same_store(tmp_path: Path) -> None:
    (tmp_path / "redis.sock").touch()
    (tmp_path / "link").symlink_to(tmp_path)
    url = f"unix://{tmp_path}/redis.sock"
    assert is_same_store(url, f"unix://queue:secret@{tmp_path}/link/redis.sock?db=1")
    assert not is_same_store(url, f"unix://{tmp_path}/other.sock")


def test_one_name_that_cannot_be_looked_up_is_the_same_store() -> None:
    assert is_same_store("redis://store.invalid/0", "redis://Store.invalid:6379/1")


def test_one_set_of_sentinels_is_the_same_store() -> None:
    first = "redis+sentinel://198.51.100.1:26379,198.51.100.2:26379/live/0"
    assert is_same_store(first, "redis+sentinel://198.51.100.2:26379,198.51.100.3:26379/live/1")
    assert not is_same_store(first, "redis+sentinel://198.51.100.4:26379/live/0")
    assert not is_same_store(first, "redis+sentinel://198.51.100.1:26379,198.51.100.2:26379/queue/0")
