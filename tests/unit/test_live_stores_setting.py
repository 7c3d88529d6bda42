"""LIVE_STORES and RETIRING_STORES as settings take them."""

from pathlib import Path

import pytest

from cashticket.config import SettingsError, load
from cashticket.config.unencrypted import unencrypted_links

SENTINELS = "redis+sentinel://10.0.0.21:26379,10.0.0.22:26379/live/0"
CLUSTER = "redis+cluster://10.0.0.31,10.0.0.32:6380"


def test_unless_set_there_is_one_live_store(tmp_path: Path) -> None:
    settings = load({"REDIS_URL": "redis://10.0.0.1"}, tmp_path)
    assert (settings.live_stores, settings.retiring_stores) == ((), ())
    assert settings.store_urls == {"first": "redis://10.0.0.1"}


def test_each_further_store_has_a_name_and_an_address_of_any_kind(tmp_path: Path) -> None:
    text = f"second=redis://shop:p%3Dss@10.0.0.2:6379/0, third={SENTINELS},\n four-4={CLUSTER},five=unix:///a/b=c.sock"
    environ = {"REDIS_URL": "redis://10.0.0.1", "LIVE_STORES": text, "RETIRING_STORES": "first, third"}
    settings = load(environ, tmp_path)
    assert settings.store_urls == {
        "first": "redis://10.0.0.1",
        "second": "redis://shop:p%3Dss@10.0.0.2:6379/0",
        "third": SENTINELS,
        "four-4": CLUSTER,
        "five": "unix:///a/b=c.sock",
    }
    assert settings.retiring_stores == ("first", "third")


@pytest.mark.parametrize(
    ("stores", "retiring", "sentence"),
    [
        ("redis://10.0.0.2", "", "entry 1 is no store with a name; write NAME=URL"),
        ("second=", "", "entry 1 is no store with a name"),
        ("Second=redis://10.0.0.2", "", "entry 1 is no store with a name"),
        ("first=redis://10.0.0.2", "", "first is the name of the store at REDIS_URL"),
        ("second=redis://10.0.0.2,second=redis://10.0.0.3", "", "names second twice"),
        ("second=http://10.0.0.2", "", "the address of second does not begin with redis://"),
        ("second=rediss://bob:p4ss@10.0.0.1:6379/3", "", "second and first are the same server"),
        ("second=redis://10.0.0.2,third=redis://10.0.0.2:6379/1", "", "third and second are the same server"),
        ("second=redis://10.0.0.2", "fourth", "'fourth' is no live store; name some of first, second"),
        ("second=redis://10.0.0.2", "first,second", "names every live store; leave one for new auctions"),
        ("", "first", "names every live store"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_no_password_is_quoted(
    tmp_path: Path, stores: str, retiring: str, sentence: str
) -> None:
    environ = {"REDIS_URL": "redis://10.0.0.1", "LIVE_STORES": stores, "RETIRING_STORES": retiring}
    with pytest.raises(SettingsError) as refused:
        load(environ, tmp_path)
    assert sentence in str(refused.value) and "p4ss" not in str(refused.value)


def test_a_further_store_elsewhere_without_tls_is_told_of(tmp_path: Path) -> None:
    environ = {"REDIS_URL": "redis://127.0.0.1", "LIVE_STORES": "second=redis://10.0.0.2,third=rediss://10.0.0.3"}
    [sentence] = unencrypted_links(load(environ, tmp_path))
    assert sentence.startswith("LIVE_STORES: second reaches 10.0.0.2 without TLS")
