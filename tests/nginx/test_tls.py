"""TLS as nginx is shipped with it: strong alone, the only way in, and under the site's own name alone."""

import json
import os
import re
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from websocket import create_connection

from cashticket.blueprints.request.security import TRANSPORT
from lab.servers.certificates import Certificate
from lab.servers.installation import ROOT
from lab.servers.nginx_server import Nginx
from tests.nginx.front import Front
from tests.nginx.programs import Caller

SSLYZE = ROOT / ".venv" / "security" / "bin" / "sslyze"
DEPLOYED = ROOT / "deploy" / "front"
MISSING = "sslyze is not installed: make .venv/security/.ready"
OLD = ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1")
CHECKS = ("certinfo", "compression", "early_data", "elliptic_curves", "fallback", "heartbleed", "openssl_ccs", "reneg")
CHECKS += ("resum", "robot", "sslv2", "sslv3", "tlsv1", "tlsv1_1", "tlsv1_2", "tlsv1_3")


@pytest.fixture(scope="module")
def scan(alone: tuple[Nginx, Caller], certificate: Certificate, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Result of every check of sslyze, by name."""
    if not SSLYZE.exists():
        pytest.fail(MISSING) if os.environ.get("CI") == "true" else pytest.skip(MISSING)
    report = tmp_path_factory.mktemp("sslyze") / "report.json"
    options = [f"--json_out={report}", f"--certinfo_ca_file={certificate.authority}", *(f"--{each}" for each in CHECKS)]
    command = [str(SSLYZE), *options, f"localhost:{alone[0].port}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert report.exists(), done.stdout + done.stderr
    (found,) = json.loads(report.read_text())["server_scan_results"]
    checks = found["scan_result"]
    assert {name for name, check in checks.items() if check["status"] != "COMPLETED"} == {"http_headers"}
    return {name: check["result"] for name, check in checks.items()}


class TestStrength:
    def test_only_present_protocols_are_spoken(self, scan: Any) -> None:
        spoken = {name for name, found in scan.items() if found and found.get("is_tls_version_supported")}
        assert spoken == {"tls_1_2_cipher_suites", "tls_1_3_cipher_suites"}

    @pytest.mark.parametrize("version", ["tls_1_2", "tls_1_3"])
    def test_every_cipher_is_authenticated_and_keeps_old_recordings_unreadable(self, scan: Any, version: str) -> None:
        suites = [each["cipher_suite"]["name"] for each in scan[f"{version}_cipher_suites"]["accepted_cipher_suites"]]
        assert len(suites) == 3
        assert all("_GCM_" in name or "CHACHA20" in name for name in suites), suites
        assert version == "tls_1_3" or all(name.startswith("TLS_ECDHE_") for name in suites), suites

    def test_no_known_weakness_is_there(self, scan: Any) -> None:
        assert not scan["heartbleed"]["is_vulnerable_to_heartbleed"]
        assert not scan["openssl_ccs_injection"]["is_vulnerable_to_ccs_injection"]
        assert scan["robot"]["robot_result"].startswith("NOT_VULNERABLE")
        assert not scan["tls_compression"]["supports_compression"]
        assert not scan["tls_1_3_early_data"]["supports_early_data"]
        assert scan["tls_fallback_scsv"]["supports_fallback_scsv"]
        assert not scan["session_renegotiation"]["is_vulnerable_to_client_renegotiation_dos"]
        assert scan["session_renegotiation"]["supports_secure_renegotiation"]
        assert {each["name"] for each in scan["elliptic_curves"]["supported_curves"]} <= {
            "X25519",
            "secp256r1",
            "secp384r1",
        }

    def test_no_ticket_outlives_a_key_that_nobody_changes(self, scan: Any) -> None:
        resumption = scan["session_resumption"]
        assert resumption["tls_ticket_resumption_result"] == "NOT_SUPPORTED"
        assert resumption["session_id_resumption_result"] == "FULLY_SUPPORTED"

    def test_http_2_is_offered(self, alone: tuple[Nginx, Caller]) -> None:
        context = alone[1].context()
        context.set_alpn_protocols(["h2", "http/1.1"])
        plain = Caller(alone[0].port).connected()
        with context.wrap_socket(plain, server_hostname="localhost") as connection:
            assert connection.selected_alpn_protocol() == "h2"


class TestApprovedAlgorithms:
    """Also for a certificate with an RSA key, which a scan of an ECDSA certificate says nothing about."""

    def test_every_cipher_of_the_settings_is_approved_for_either_kind_of_key(self) -> None:
        (written,) = re.findall(
            r"^ssl_ciphers (.+);$", (DEPLOYED / "tls.conf").read_text(encoding="utf-8"), re.MULTILINE
        )
        assert "@" not in written, "the library's own level of security stays"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers(written)
        # An old cipher names an old protocol here, but serves TLS 1.2 too.
        ciphers = [each for each in context.get_ciphers() if each["protocol"] != "TLSv1.3"]
        assert {each["auth"] for each in ciphers} == {"auth-ecdsa", "auth-rsa"}
        assert all(each["aead"] and each["kea"] == "kx-ecdhe" and each["strength_bits"] >= 128 for each in ciphers)

    @pytest.mark.parametrize(
        ("algorithms", "agreed"), [("ECDSA+SHA1:RSA+SHA1", False), ("ECDSA+SHA256:RSA+SHA256", True)]
    )
    def test_nothing_is_signed_with_sha_1(self, alone: tuple[Nginx, Caller], algorithms: str, agreed: bool) -> None:
        options = ["-tls1_2", "-cipher", "ALL:@SECLEVEL=0", "-sigalgs", algorithms, "-servername", "localhost"]
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{alone[0].port}", *options]
        done = subprocess.run(command, input="", capture_output=True, text=True, timeout=60, check=False)
        assert ("Cipher is ECDHE-" in done.stdout) == agreed, done.stdout + done.stderr


class TestTheOnlyWayIn:
    @pytest.mark.parametrize(("method", "path"), [("GET", "/auctions/7?amount=1&x=%2F"), ("POST", "/auctions/7/bids")])
    def test_http_leads_to_https_and_keeps_request_and_method(
        self, alone: tuple[Nginx, Caller], method: str, path: str
    ) -> None:
        nginx, _ = alone
        answer, _ = Caller(nginx.plain_port).ask(path, {"Host": "localhost"}, method=method)
        assert (answer.status, answer.headers["Location"]) == (308, f"{nginx.url}{path}")

    def test_only_the_proof_for_a_new_certificate_is_read_over_http(self, alone: tuple[Nginx, Caller]) -> None:
        nginx, _ = alone
        proof = nginx.folder / "acme" / ".well-known" / "acme-challenge" / "token-1"
        proof.parent.mkdir(parents=True)
        proof.write_text("proof")
        plain = Caller(nginx.plain_port)
        answer, body = plain.ask(f"/.well-known/acme-challenge/{proof.name}", {"Host": "localhost"})
        assert (answer.status, body) == (200, b"proof")
        assert plain.ask("/.well-known/acme-challenge/../../../listen.conf", {"Host": "localhost"})[0].status != 200

    def test_the_service_knows_that_it_is_https(self, secure_front: Front) -> None:
        told = secure_front.told("/login", {"X-Forwarded-Proto": "http"})
        assert (told["scheme"], told["host"]) == ("https", f"localhost:{secure_front.nginx.port}")

    def test_browsers_are_told_to_come_by_https_alone(self, secure_front: Front) -> None:
        answer, _ = secure_front.ask("/login")
        assert answer.headers.get_all("Strict-Transport-Security") == [TRANSPORT]
        cookies = answer.headers.get_all("Set-Cookie") or []
        assert cookies and all("; Secure" in each and each.startswith("__Host-") for each in cookies)

    def test_sockets_are_encrypted(self, secure_front: Front, certificate: Certificate) -> None:
        origin = secure_front.nginx.url
        policy = secure_front.ask("/concerts/")[0].headers["Content-Security-Policy"]
        assert f"connect-src 'self' wss://localhost:{secure_front.nginx.port};" in policy
        client = create_connection(
            f"wss://localhost:{secure_front.nginx.port}/auctions/{secure_front.auction_id}/live",
            timeout=20,
            origin=origin,
            sslopt={"ca_certs": str(certificate.authority)},
        )
        try:
            assert 'id="board"' in str(client.recv())
        finally:
            client.close()


class TestOneName:
    @pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost.evil.example", "tickets.example"])
    def test_another_name_gets_no_answer(self, alone: tuple[Nginx, Caller], host: str) -> None:
        request = f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        assert alone[1].send(request) == b""
        assert Caller(alone[0].plain_port).send(request) == b""

    def test_no_name_gets_no_answer(self, alone: tuple[Nginx, Caller]) -> None:
        assert alone[1].send(b"GET / HTTP/1.0\r\n\r\n") == b""
        with pytest.raises(ssl.SSLError):
            alone[1].connected("evil.example")

    def test_a_request_line_with_a_whole_address_changes_nothing(self, secure_front: Front) -> None:
        board = f"/auctions/{secure_front.auction_id}/board?lang=ko"
        nginx, caller = secure_front.nginx, secure_front.caller
        for line, host in ((f"GET https://localhost{board}", "evil.example"), (f"GET {board}", "localhost:81")):
            head = f"{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
            told = caller.send(f"{head}X-Witness: tell\r\n\r\n".replace("?lang=ko", "").encode())
            assert f'"host":"localhost:{nginx.port}"'.encode() in told and b"evil" not in told
            answer = caller.send(f"{head}\r\n".encode())
            assert answer.startswith(b"HTTP/1.1 200") and b"evil" not in answer and b":81" not in answer
        request = f"GET http://evil.example{board} HTTP/1.1\r\nHost: localhost\r\n\r\n"
        assert caller.send(request.encode()) == b""


def test_the_shipped_settings_are_checked_as_they_are(alone: tuple[Nginx, Caller]) -> None:
    nginx, _ = alone
    checked = nginx.check()
    assert checked.returncode == 0 and "warn" not in checked.stderr, checked.stderr
    assert Path(nginx.folder / "front").resolve() == ROOT / "deploy" / "front"
