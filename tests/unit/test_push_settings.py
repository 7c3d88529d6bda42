"""Keys and hosts of pushes: a pair that belongs together, and no address but that of a listed push service."""

from pathlib import Path

import pytest

from cashticket import config
from cashticket.config import SettingsError
from cashticket.notify.push_hosts import ENDPOINT_LENGTH_MAX, SERVICES, BadEndpoint, Endpoint, read_endpoint
from cashticket.notify.vapid_keys import decoded, is_public_key, make_pair, pair_problem, public_of

LOCAL = "http://127.0.0.1:8099"
CHROME = "https://fcm.googleapis.com/fcm/send/abc:def-123"


def load(tmp_path: Path, **values: str) -> config.Settings:
    return config.load({"APP_ENV": "testing", **values}, tmp_path / "instance")


def test_a_pair_belongs_together_and_each_is_another() -> None:
    (public, private), (other, _) = make_pair(), make_pair()
    assert public_of(private) == public != other
    assert is_public_key(public) and len(decoded(public)) == 65 and len(decoded(private)) == 32
    assert pair_problem(public, private) is None and pair_problem(public, "") is None
    assert pair_problem("", private) is None and pair_problem("", "") is None


def test_a_pair_that_does_not_belong_together_stops_the_start_and_is_not_quoted(tmp_path: Path) -> None:
    (public, _), (_, private) = make_pair(), make_pair()
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, VAPID_PUBLIC_KEY=public, VAPID_PRIVATE_KEY=private)
    sentence = str(refused.value)
    assert "VAPID_PUBLIC_KEY does not belong to VAPID_PRIVATE_KEY" in sentence
    assert public not in sentence and private not in sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VAPID_PUBLIC_KEY", "not a key"),
        ("VAPID_PUBLIC_KEY", "AAAA"),
        ("VAPID_PRIVATE_KEY", "AAAA"),
        ("VAPID_PRIVATE_KEY", "한글"),
        ("VAPID_CONTACT", "push@tickets.example"),
        ("VAPID_CONTACT", "https://tickets.example/contact"),
        ("PUSH_HOSTS", "https://push.example"),
        ("PUSH_HOSTS", "localhost"),
        ("PUSH_HOSTS", "10.0.0.7"),
        ("PUSH_HOSTS", "http://10.0.0.7:80"),
    ],
)
def test_a_setting_of_pushes_that_is_wrong_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load(tmp_path, **{name: value})


def test_without_keys_pushes_are_off_and_the_known_services_are_listed(tmp_path: Path) -> None:
    settings = load(tmp_path, BASE_URL="https://tickets.example")
    assert (settings.vapid_public_key, settings.vapid_private_key) == ("", "")
    assert settings.push_hosts == SERVICES and settings.vapid_contact == "mailto:security@tickets.example"


def test_a_service_on_this_machine_is_for_tests_alone(tmp_path: Path) -> None:
    assert load(tmp_path, PUSH_HOSTS=LOCAL).push_hosts == (LOCAL,)
    with pytest.raises(SettingsError, match="PUSH_HOSTS names a service on this machine"):
        load(tmp_path, APP_ENV="production", PUSH_HOSTS=LOCAL)


def test_an_endpoint_of_a_known_service_is_taken_with_its_whole_path() -> None:
    endpoint = read_endpoint(CHROME, SERVICES)
    assert endpoint == Endpoint("fcm.googleapis.com", 443, "/fcm/send/abc:def-123", is_local=False)
    assert endpoint.origin == "https://fcm.googleapis.com"
    below = read_endpoint("https://wns2-par02p.notify.windows.com/w/?token=BQ%3d", SERVICES)
    assert below.path == "/w/?token=BQ%3d"
    assert read_endpoint("https://web.push.apple.com:443/QA", SERVICES).host == "web.push.apple.com"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://fcm.googleapis.com/fcm/send/abc",
        "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com.evil.example/",
        "https://evilnotify.windows.com/w/",
        "https://notify.windows.com/w/",
        "https://fcm.googleapis.com:8443/",
        "https://fcm.googleapis.com:99999/",
        "https://alice:secret@fcm.googleapis.com/",
        "https://fcm.googleapis.com/#part",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:6379/",
        "https://fcm.googleapis.com/a b",
        "https://fcm.googleapis.com/\r\nHost: evil",
        "https://fcm.googleapis.com/한글",
        "https://fcm.googleapis.com/" + "x" * ENDPOINT_LENGTH_MAX,
        "ftp://fcm.googleapis.com/",
        "//fcm.googleapis.com/",
    ],
)
def test_any_other_address_is_refused(address: str) -> None:
    with pytest.raises(BadEndpoint):
        read_endpoint(address, SERVICES)


def test_a_service_on_this_machine_is_taken_by_its_whole_origin_alone() -> None:
    endpoint = read_endpoint(f"{LOCAL}/push/1", (LOCAL,))
    assert endpoint == Endpoint("127.0.0.1", 8099, "/push/1", is_local=True) and endpoint.origin == LOCAL
    for address in ("http://127.0.0.1:8098/push/1", "http://127.0.0.1/push/1", "https://127.0.0.1:8099/push/1"):
        with pytest.raises(BadEndpoint):
            read_endpoint(address, (LOCAL,))
