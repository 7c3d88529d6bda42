"""The two ways to run a whole installation, containers and a Procfile, start the same processes."""

import re
import shlex

from cashticket.blueprints.request.compression import BYTES_MIN, KINDS
from lab.servers.live_service import PROCFILE, procfile_lines
from tests.house.compose import compose_file, processes, replicas
from tests.house.source import ROOT

STORES = {
    "proxy",
    "database",
    "live-store",
    "queue-store",
    "migrate",
    "prometheus",
    "grafana",
    "backup",
    "restore",
    "load",
}


def composed() -> dict[str, list[str]]:
    """Name of a process → its command in docker-compose.yml, for those that run the product."""
    return {name: service["command"] for name, service in processes().items() if name not in STORES}


def split(command: list[str]) -> tuple[list[str], str | None]:
    """A command without its address, and the address. Both ways may say to the `flask` command where the product is."""
    words = [word for word in " ".join(command).replace(" --app wsgi", "").split(" ") if word]
    if "--bind" not in words:
        return words, None
    place = words.index("--bind")
    return [*words[:place], *words[place + 2 :]], words[place + 1]


def test_the_procfile_starts_what_the_containers_start() -> None:
    by_hand = {name: shlex.split(line) for name, line in procfile_lines(PROCFILE).items()}
    setting = by_hand["live"].pop(0)
    assert setting in (ROOT / "docker-compose.yml").read_text(encoding="utf-8").replace("SOCKETS_MAX: ", "SOCKETS_MAX=")
    assert {name: split(words)[0] for name, words in by_hand.items()} == {
        name: split(words)[0] for name, words in composed().items()
    }


def test_each_process_of_the_procfile_has_an_address_of_its_own_that_the_proxy_knows() -> None:
    addresses = {name: split(shlex.split(line))[1] for name, line in procfile_lines(PROCFILE).items()}
    text = (PROCFILE.parent / "upstreams.conf").read_text(encoding="utf-8")
    known = {
        name: re.findall(r"^ +server (\S+)", body, re.MULTILINE)
        for name, body in re.findall(r"^upstream (\w+) \{(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    }
    webs = [addresses["web-1"], addresses["web-2"]]
    assert known == {"web": webs, "forms": webs, "reads": webs, "live": [addresses["live"]]}
    assert all(address.startswith("127.0.0.1:") for address in addresses.values() if address)


def test_the_proxies_of_both_ways_differ_in_addresses_alone() -> None:
    """A name of several containers stands for the addresses that the other way writes down."""
    texts = [(ROOT / "deploy" / way / "upstreams.conf").read_text(encoding="utf-8") for way in ("compose", "host")]
    named = re.sub(r"#.*\n| +resolver .*\n", "", texts[0]).replace(" resolve ", " ")
    webs = replicas(compose_file()["services"]["web"])
    listed = re.sub(r"( +server )web(:8000 .*\n)", r"\1web\2" * webs, named)
    plain = re.sub(r"#.*\n", "", texts[1])
    assert re.sub(r"server \S+", "", listed).strip() == re.sub(r"server \S+", "", plain).strip()


def test_containers_are_found_by_name_while_the_proxy_runs() -> None:
    """Docker's name server is asked again each second, so that no container has to wait for a restart of the proxy."""
    text = (ROOT / "deploy" / "compose" / "upstreams.conf").read_text(encoding="utf-8")
    upstreams = re.findall(r"^upstream (\w+) \{(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    assert [name for name, _ in upstreams] == ["web", "forms", "reads", "live"]
    for name, body in upstreams:
        assert re.findall(r"server (\S+) (\w+) ", body) == [("live:8000" if name == "live" else "web:8000", "resolve")]
        assert f"zone {name} " in body and "resolver 127.0.0.11 valid=1s ipv6=off;" in body
    services = compose_file()["services"]
    for name, condition in services["proxy"]["depends_on"].items():
        assert condition == {"condition": "service_healthy"} and "restart" not in condition, name
    [release] = re.findall(r"nginx:(\d+)\.(\d+)-", services["proxy"]["image"])
    assert tuple(map(int, release)) > (1, 27)


def test_plain_servers_need_no_name_server() -> None:
    """Debian 12 has nginx 1.22, which does not know these words."""
    for path in (
        ROOT / "nginx.conf",
        *(ROOT / "deploy" / "host").glob("*.conf"),
        *(ROOT / "deploy" / "front").glob("*"),
    ):
        assert not re.search(r"^[^#]*\bresolve", path.read_text(encoding="utf-8"), re.MULTILINE), path


def test_sockets_have_a_service_of_their_own_in_both_ways() -> None:
    for words in (composed()["live"], shlex.split(procfile_lines(PROCFILE)["live"])):
        assert words[words.index("--worker-class") + 1] == "gevent" and words[-1] == "wsgi:live"
    assert "proxy_pass http://live;" in (ROOT / "nginx.conf").read_text(encoding="utf-8")


def test_every_file_that_nginx_includes_is_mounted_and_shipped_for_each_way() -> None:
    included = set(
        re.findall(r"^ *include ([\w/.]+);", (ROOT / "nginx.conf").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert all((ROOT / "deploy" / name).exists() for name in included if name.startswith("front/"))
    beside = {name for name in included if not name.startswith("front/")}
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert all(f"/etc/cashticket/{name}" in compose for name in beside | {"front"})
    for way in ("host", "local"):
        own = {path.name for path in (ROOT / "deploy" / way).glob("*.conf")}
        assert beside - {"upstreams.conf"} <= own, f"deploy/{way} lacks {sorted(beside - own)}"


def test_both_ways_lead_to_https_and_answer_to_no_other_name() -> None:
    for way in ("compose", "host"):
        servers = (ROOT / "deploy" / way / "other_servers.conf").read_text(encoding="utf-8")
        assert "return 308 https://$site$request_uri;" in servers and "ssl_reject_handshake on;" in servers
        assert re.search(r"listen 80(80)? default_server;", servers)
        assert re.search(r"ssl default_server|ssl http2 default_server", servers) and "return 444;" in servers


def test_a_load_is_wanted_by_name_and_can_reach_nothing_but_the_proxy() -> None:
    composed = compose_file()
    load = composed["services"]["load"]
    assert load["profiles"] == ["load"] and load["restart"] == "no"
    assert load["networks"] == ["front"] and composed["networks"]["front"] == {"internal": "true"}
    assert load["links"] == ["proxy:${SITE}"] and not load.get("secrets") and not load.get("ports")
    [locked] = re.findall(r"^k6==(\S+)", (ROOT / "requirements-lab.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert load["image"].endswith(f"grafana/k6:{locked}}}")


def test_each_store_has_the_script_that_mends_its_log_beside_the_one_that_starts_it() -> None:
    for store in ("live-store", "queue-store"):
        mounts = compose_file()["services"][store]["volumes"]
        for script in ("start-store.sh", "mend-log.sh"):
            assert f"./deploy/compose/{script}:/etc/cashticket/{script}:ro" in mounts
    for settings in ("redis-live.conf", "redis-queue.conf"):
        assert "aof-load-truncated no" in (ROOT / "deploy" / "compose" / settings).read_text().splitlines()


def test_a_replicated_store_has_the_accounts_of_a_single_one() -> None:
    script = (ROOT / "deploy" / "compose" / "start-store.sh").read_text()
    single = re.findall(r"^user .*$", script.replace("#$hash", ">PASSWORD"), re.MULTILINE)
    replicated = (ROOT / "deploy" / "replicated" / "accounts.acl").read_text().splitlines()
    assert len(single) == 3 and replicated[:3] == single
    assert all(row.startswith("user ") for row in replicated), "the file is read as it is, and has no comments"


def test_settings_to_copy_from_the_comments_of_a_replicated_store_have_no_comment_behind_them() -> None:
    """Redis would take the comment for further values, and not start."""
    for name in ("store.conf", "sentinel.conf"):
        text = (ROOT / "deploy" / "replicated" / name).read_text()
        rows = re.findall(r"^# {3}(\S.*)$", text, re.MULTILINE)
        assert rows and not [row for row in rows if "#" in row]


def test_the_proxy_compresses_what_is_compressed_without_it() -> None:
    nginx = (ROOT / "nginx.conf").read_text(encoding="utf-8")
    assert re.findall(r"gzip_min_length (\d+);", nginx) == [str(BYTES_MIN)]
    [kinds] = re.findall(r"gzip_types ([^;]+);", nginx)
    assert set(kinds.split()) == KINDS
