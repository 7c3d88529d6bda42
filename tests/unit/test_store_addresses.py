"""Addresses of stores, plain and behind sentinels, as settings take them."""

from pathlib import Path

import pytest

from cashticket.config import SettingsError, load
from cashticket.config.addresses import redis_problem
from cashticket.config.unencrypted import unencrypted_links
from cashticket.engine.cluster_url import parse_cluster_url
from cashticket.engine.sentinel import parse_sentinel_url

SENTINELS = "redis+sentinel://10.0.0.21:26379,10.0.0.22,[fd00::23]:26380/live/3"


def test_an_address_of_sentinels_names_them_the_primary_and_the_database() -> None:
    url = parse_sentinel_url(SENTINELS)
    assert url.sentinels == (("10.0.0.21", 26379), ("10.0.0.22", 26379), ("fd00::23", 26380))
    assert (url.name, url.store_options["db"]) == ("live", 3)


def test_stores_and_sentinels_have_accounts_of_their_own() -> None:
    text = "redis+sentinel://shop:p%40ss@a,b/live?sentinel_username=looker&sentinel_password=s%26cret"
    url = parse_sentinel_url(text)
    assert (url.store_options["username"], url.store_options["password"]) == ("shop", "p@ss")
    assert url.sentinel_options == {"username": "looker", "password": "s&cret"}


def test_tls_is_used_for_sentinels_and_stores_alike(tmp_path: Path) -> None:
    authority = tmp_path / "store.pem"
    authority.touch()
    url = parse_sentinel_url(f"rediss+sentinel://a/live?ssl_ca_certs={authority}")
    for options in (url.store_options, url.sentinel_options):
        assert options["ssl_ca_certs"] == str(authority)
        assert options["connection_class"].__name__ == "SSLConnection"


@pytest.mark.parametrize("name", ["REDIS_URL", "QUEUE_REDIS_URL"])
def test_both_stores_may_be_behind_sentinels(tmp_path: Path, name: str) -> None:
    assert getattr(load({name: SENTINELS}, tmp_path), name.lower()) == SENTINELS


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("redis+sentinel://10.0.0.21:26379", "names no primary"),
        ("redis+sentinel://10.0.0.21:26379/", "names no primary"),
        ("redis+sentinel://10.0.0.21/live/first", "names a database that is no number"),
        ("redis+sentinel://10.0.0.21,,10.0.0.22/live", "names a sentinel without a host"),
        ("redis+sentinel:///live", "names a sentinel without a host"),
        ("redis+sentinel://10.0.0.21:0/live", "port that does not exist"),
        ("redis+sentinel://10.0.0.21:99999/live", "is no address of sentinels"),
        ("redis+sentinel://a:letters/live", "is no address of sentinels"),
        ("redis+sentinel://10.0.0.21/live?what=ever", "has an option after ? that is none of a store"),
        ("rediss+sentinel://10.0.0.21/live?ssl_ca_certs=/nowhere.pem", "names a file for ssl_ca_certs"),
        ("sentinel://10.0.0.21/live", "does not begin with redis://"),
    ],
)
def test_a_wrong_address_stops_the_start_with_a_sentence_and_without_its_password(
    tmp_path: Path, url: str, problem: str
) -> None:
    secret = url.replace("://", "://shop:hidden@", 1)
    with pytest.raises(SettingsError) as refusal:
        load({"REDIS_URL": secret}, tmp_path)
    assert f"REDIS_URL {problem}" in str(refusal.value) or problem in str(refusal.value)
    assert "hidden" not in str(refusal.value)


def test_sentinels_on_other_machines_without_tls_are_named_each(tmp_path: Path) -> None:
    settings = load({"REDIS_URL": SENTINELS, "PLAIN_HOSTS": "10.0.0.22"}, tmp_path)
    sentences = [each for each in unencrypted_links(settings) if each.startswith("REDIS_URL")]
    assert [sentence.split()[2] for sentence in sentences] == ["10.0.0.21", "fd00::23"]
    assert all("rediss+sentinel://" in sentence for sentence in sentences)


@pytest.mark.parametrize("number", ["-1", "one", "10", "1.5"])
def test_a_number_of_replicas_that_cannot_be_is_refused(tmp_path: Path, number: str) -> None:
    with pytest.raises(SettingsError, match=r"STORE_REPLICAS is .*give a whole number from 0 to 9"):
        load({"STORE_REPLICAS": number}, tmp_path)


def test_the_number_of_replicas_may_be_given_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "number").write_text("1\n")
    assert load({"STORE_REPLICAS_FILE": str(tmp_path / "number")}, tmp_path).store_replicas == 1
    assert load({}, tmp_path).store_replicas == 0


def test_a_cluster_is_named_by_some_of_its_nodes(tmp_path: Path) -> None:
    url = parse_cluster_url("redis+cluster://shop:p%40ss@10.0.0.31:6380,10.0.0.32,[fd00::33]:7000")
    assert url.nodes == (("10.0.0.31", 6380), ("10.0.0.32", 6379), ("fd00::33", 7000))
    assert (url.options["username"], url.options["password"]) == ("shop", "p@ss")


@pytest.mark.parametrize(
    ("queue", "problem"),
    [
        (None, "QUEUE_REDIS_URL is missing: REDIS_URL names a cluster"),
        ("redis+cluster://10.0.0.31", "QUEUE_REDIS_URL names a cluster, on which jobs cannot be queued"),
    ],
)
def test_beside_a_cluster_the_queue_needs_a_store_of_its_own(tmp_path: Path, queue: str | None, problem: str) -> None:
    environ = {"REDIS_URL": "redis+cluster://10.0.0.31", **({"QUEUE_REDIS_URL": queue} if queue else {})}
    with pytest.raises(SettingsError, match=problem):
        load(environ, tmp_path)
    load(environ | {"QUEUE_REDIS_URL": "redis://10.0.0.41"}, tmp_path)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("redis+cluster://10.0.0.31/3", "names a database"),
        ("redis+cluster://10.0.0.31,,10.0.0.32", "names a node without a host"),
        ("redis+cluster://10.0.0.31?what=ever", "has an option after ? that is none of a store"),
    ],
)
def test_a_wrong_address_of_a_cluster_is_refused(url: str, problem: str) -> None:
    assert problem in (redis_problem(url) or "")


def test_each_node_of_a_cluster_without_tls_is_named(tmp_path: Path) -> None:
    settings = load({"REDIS_URL": "redis+cluster://10.0.0.31,127.0.0.1", "QUEUE_REDIS_URL": "redis://[::1]"}, tmp_path)
    assert list(unencrypted_links(settings)) == [
        "REDIS_URL reaches 10.0.0.31 without TLS: write rediss+cluster://, or name the host in PLAIN_HOSTS"
    ]
