"""docker-compose.yml carried out without an engine: what it starts serves people, and nothing else is reachable."""

import json
import os
import re
import ssl
import threading
from collections import Counter
from contextlib import suppress
from typing import Any, cast

import pytest
import websocket

from lab.load.client import MISSING, k6_binary
from lab.servers.installation import WebProcess
from lab.waiting import wait_until
from tests.cluster.conftest import Cluster, command
from tests.cluster.containers import Container

pytestmark = [pytest.mark.sweep, pytest.mark.slow]

# A person of these tests knows where the proxy is.
THROUGH = cast(WebProcess, None)
NETWORK = "10.77.3.0/24"
# As docs/operations.md says it for a second proxy.
BEHIND_A_PROXY = "real_ip_header X-Forwarded-For;\nreal_ip_recursive on;\n"
PAGES = ("/", "/concerts/", "/login", "/auctions/{}", "/auctions/{}/board?lang=ko", "/static/app.css")


def lines_of(container: Container) -> list[dict[str, Any]]:
    """The lines of JSON in a container's log."""
    return [json.loads(line) for line in container.log.read_text().splitlines() if line.startswith("{")]


def line_of(container: Container, request_id: str) -> dict[str, Any]:
    """What the proxy wrote about a request."""
    return wait_until(
        lambda: next((line for line in lines_of(container) if line.get("request_id") == request_id), None), "its line"
    )


def bids_of(web: Container) -> int:
    """How many bids a web process has decided about."""
    figures = web.run("curl", "-sf", "http://127.0.0.1:8000/metrics").stdout
    return sum(int(float(each)) for each in re.findall(r"^cashticket_bids_total\{.*\} (\S+)$", figures, re.MULTILINE))


def test_every_service_is_healthy_and_may_do_nothing_but_its_work(cluster: Cluster) -> None:
    for copy, container in cluster.composition.running.items():
        if copy == "migrate":
            continue
        assert container.is_healthy(), copy
        status = dict(re.findall(r"^(\w+):\t(.*)$", container.run("cat", "/proc/1/status").stdout, re.MULTILINE))
        assert "0" not in status["Uid"].split(), copy
        assert int(status["CapBnd"], 16) == int(status["CapPrm"], 16) == 0, copy
        assert status["NoNewPrivs"] == "1", copy
        secrets = container.run("ls", "/run/secrets").stdout.split()
        assert set(secrets) == set(cluster.composition.services[container.spec.service].get("secrets", [])), copy


def test_no_process_can_change_its_programs_or_its_settings(cluster: Cluster) -> None:
    for web in cluster.webs:
        for place in ("/srv/cashticket/new", "/etc/new"):
            assert "Read-only" in web.run("touch", place).stderr, place
        assert web.run("touch", "/var/lib/cashticket/posters/new", "/tmp/new").returncode == 0
    assert "Read-only" in cluster.proxy.run("touch", "/etc/cashticket/new").stderr


def test_only_the_proxy_is_on_the_network_of_people_and_it_reaches_no_store(cluster: Cluster) -> None:
    services = cluster.composition.services
    assert [name for name, each in services.items() if "ports" in each] == ["proxy"]
    assert [name for name, each in services.items() if "edge" in each["networks"]] == ["proxy"]
    for store, port in (("database", 3306), ("live-store", 6379), ("queue-store", 6379)):
        address = cluster.composition.addresses[store][store]["inside"]
        probe = f"timeout 2 bash -c ': </dev/tcp/{address}/{port}'"
        assert cluster.webs[0].run("sh", "-c", probe).returncode == 0, store
        assert cluster.proxy.run("sh", "-c", probe).returncode != 0, store


def test_people_reach_one_name_by_tls_alone(cluster: Cluster) -> None:
    answer = cluster.fan().ask("/")
    assert answer.status == 200 and answer.headers["Strict-Transport-Security"]
    assert "/" not in answer.headers["Server"] and answer.headers["X-Content-Type-Options"] == "nosniff"
    server = cluster.fan().server
    with cluster.outside.connected(server, port=8080) as plain:
        plain.sendall(b"GET /me HTTP/1.1\r\nHost: tickets.example\r\nConnection: close\r\n\r\n")
        led = plain.makefile("rb").read()
    assert b" 308 " in led and b"Location: https://tickets.example/me" in led
    with cluster.outside.connected(server) as plain, pytest.raises(ssl.SSLError):
        cluster.outside.context.wrap_socket(plain, server_hostname="another.example")


def test_bids_go_to_both_web_processes_and_are_recorded(cluster: Cluster) -> None:
    fans = [cluster.signed_in("alice"), cluster.signed_in("bob", 1)]
    tokens = [fan.open_auction(THROUGH, cluster.auction_id) for fan in fans]
    before = [bids_of(web) for web in cluster.webs]
    for amount in (100_000, 110_000, 120_000):
        for fan, token in zip(fans, tokens, strict=True):
            answer = fan.bid(THROUGH, cluster.auction_id, amount, token=token)
            assert answer.json["outcome"] in ("accepted", "rejected"), answer.text
    assert all(bids_of(web) > count for web, count in zip(cluster.webs, before, strict=True))
    watch = cluster.composition.running["watch"]
    show = ("auction", "show", str(cluster.auction_id))
    assert wait_until(lambda: (shown := command(watch, *show))["recorded"] == shown["accepted"] and shown, "recorded")
    assert command(watch, "auction", "check", str(cluster.auction_id))


def test_a_page_for_everybody_is_kept_and_one_of_a_person_is_not(cluster: Cluster) -> None:
    kept = cluster.fan()
    path = f"/auctions/{cluster.auction_id}/board?lang=en"
    seen = [line_of(cluster.proxy, kept.ask(path).headers["X-Request-ID"])["cache"] for _ in range(3)]
    assert "HIT" in seen, seen
    own = cluster.signed_in("carol").ask("/me")
    assert line_of(cluster.proxy, own.headers["X-Request-ID"])["cache"] == ""


def test_who_sends_forms_without_end_is_told_in_their_language_to_wait(cluster: Cluster) -> None:
    mallory = cluster.fan("mallory", 2)
    english = {"Accept-Language": "en", "Accept": "text/html"}
    answers = (mallory.post(THROUGH, "/login", {}, english) for _ in range(800))
    refused = next(answer for answer in answers if answer.status == 429)
    assert int(refused.headers["Retry-After"]) > 0 and "Too many requests from your network" in refused.text
    assert cluster.fan("carol", 3).ask("/login", "POST", "").status == 400, "another address is another client"


def test_nobody_can_claim_another_address(cluster: Cluster) -> None:
    claimed = {"X_Forwarded_For": "203.0.113.9", "X_Real_IP": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
    answer = cluster.fan("mallory").ask("/login", "POST", "email=mallory", **claimed)
    assert line_of(cluster.proxy, answer.headers["X-Request-ID"])["client"] == NETWORK


def test_a_proxy_in_front_is_believed_and_nobody_else(cluster: Cluster) -> None:
    front = cluster.outside.addresses[3]
    with cluster.proxy_with("listen.conf", f"set_real_ip_from {front};\n{BEHIND_A_PROXY}"):
        claims = {"X_Forwarded_For": "203.0.113.9, 198.51.100.7"}
        through = cluster.fan(address=3).ask("/", **claims)
        assert line_of(cluster.proxy, through.headers["X-Request-ID"])["client"] == "198.51.100.0/24"
        past = cluster.fan(address=0).ask("/", **claims)
        assert line_of(cluster.proxy, past.headers["X-Request-ID"])["client"] == NETWORK


def test_a_backup_is_made_and_checked_by_an_account_that_may_nothing_else_and_no_restore_hits_a_running_site(
    cluster: Cluster,
) -> None:
    composition, folder = cluster.composition, cluster.composition.folder / "backups"
    composition.instead["./backups"] = folder
    for path in (folder, *folder.iterdir()):
        os.chown(path, 999, 999)
        path.chmod(0o700)
    status, words = composition.run("backup", {})
    assert status == 0, words
    [backup] = [path for path in folder.iterdir() if path.is_dir()]
    assert backup.stat().st_uid == 999 and all(path.suffix == ".age" for path in backup.rglob("*") if path.is_file())
    restore = ("flask", "ops", "restore", f"/backups/{backup.name}", "--identity", "/backups/backup.key")
    status, words = composition.run("restore", {}, *restore, "--check")
    assert status == 0, words
    for options in (["--store-folder", "/data"], ["--database-only"]):
        status, words = composition.run("restore", {}, *restore, *options)
        assert status == 1 and "every process of CashTicket" in words, words


def test_a_socket_moves_when_its_service_is_replaced(cluster: Cluster) -> None:
    path = f"/auctions/{cluster.auction_id}/live"
    with cluster.fan().socket(path) as opened:
        assert opened.recv()
        cluster.composition.replace("live", "live")
        with suppress(websocket.WebSocketConnectionClosedException):
            while opened.recv():
                pass
    with cluster.fan().socket(path) as again:
        assert again.recv()


def test_pages_are_served_while_a_web_process_is_killed(cluster: Cluster) -> None:
    answers: Counter[int | str] = Counter()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            for page in PAGES:
                answers[cluster.fan().ask(page.format(cluster.auction_id)).status] += 1

    readers = [threading.Thread(target=read) for _ in range(3)]
    for each in readers:
        each.start()
    wait_until(lambda: answers[200] > 30, "pages")
    cluster.webs[-1].kill()
    killed_at = answers.total()
    wait_until(lambda: answers.total() > killed_at + 90, "more pages")
    cluster.composition.replace("web", cluster.composition.copies("web")[-1])
    wait_until(lambda: answers.total() > killed_at + 150, "more pages")
    done.set()
    for each in readers:
        each.join()
    assert set(answers) == {200}, answers


def test_the_load_reads_pages_and_watches_by_the_name_of_the_site(cluster: Cluster) -> None:
    if k6_binary() is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(MISSING)
    before = len(lines_of(cluster.proxy))
    settings = {"LOAD_RATE": "20", "LOAD_SECONDS": "2", "LOAD_WATCHERS": "3"}
    code, words = cluster.composition.run("load", settings)
    assert code == 0, words
    page, socket = f"/auctions/{cluster.auction_id}", f"/auctions/{cluster.auction_id}/live"
    asked = Counter((line["path"], line["status"]) for line in lines_of(cluster.proxy)[before:])
    assert asked[page, 200] >= 8 and asked[socket, 101] == 3, asked
    code, words = cluster.composition.run("load", {"LOAD_RATE": "201"})
    assert code != 0 and "LOAD_RATE must be a whole number from 1 to 200" in words


def test_more_web_processes_are_found(cluster: Cluster) -> None:
    cluster.composition.scale("web", 4)
    fan = cluster.signed_in("carol")
    token = fan.open_auction(THROUGH, cluster.auction_id)

    def asked() -> bool:
        fan.bid(THROUGH, cluster.auction_id, 1, token=token)
        return all(bids_of(web) for web in cluster.webs)

    assert len(cluster.webs) == 4
    wait_until(asked, "a bid at each")
