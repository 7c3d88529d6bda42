"""Mail goes to other machines over TLS alone: passwords are never sent in clear, and certificates are checked."""

import base64
import datetime
import socketserver
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cashticket.notify import smtp_connection
from cashticket.notify.mail import compose, transport
from cashticket.notify.refusals import ServerRefused
from cashticket.notify.texts import Letter

PASSWORD = "TopSecret"


def certificate(folder: Path, *names: x509.GeneralName) -> Path:
    """A self-signed certificate with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of tests")])
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "certificate.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


class MailServer(socketserver.ThreadingTCPServer):
    """An SMTP server that keeps every line it hears in clear and over TLS, and every mail."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, file: Path | None, *, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.plain: list[bytes] = []
        self.encrypted: list[bytes] = []
        self.mails = 0
        self.context: ssl.SSLContext | None = None
        if file is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(file)
            with warnings.catch_warnings():
                # Old versions are what one test is about.
                warnings.simplefilter("ignore", DeprecationWarning)
                self.context.maximum_version = newest

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._over_tls = False
        self._say(b"220 test")
        try:
            while heard := self.rfile.readline():
                (self.server.encrypted if self._over_tls else self.server.plain).append(heard)
                if not self._answer(heard[:4].upper()):
                    return
        except (OSError, ssl.SSLError):
            return
        finally:
            # The server closes the socket it has accepted, which wrapping has emptied.
            self.request.close()

    def _answer(self, verb: bytes) -> bool:
        if verb == b"EHLO":
            offer = self.server.context is not None and not self._over_tls
            self._say(b"250-test\r\n" + (b"250-STARTTLS\r\n" if offer else b"") + b"250 AUTH PLAIN LOGIN")
        elif verb == b"STAR" and self.server.context is not None:
            self._say(b"220 go on")
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
            self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
            self._over_tls = True
        elif verb == b"AUTH":
            self._say(b"235 welcome")
        elif verb == b"DATA":
            self._say(b"354 go on")
            while self.rfile.readline() not in (b".\r\n", b""):
                pass
            self.server.mails += 1
            self._say(b"250 stored")
        elif verb == b"QUIT":
            self._say(b"221 bye")
            return False
        else:
            self._say(b"250 ok")
        return True

    def _say(self, text: bytes) -> None:
        self.wfile.write(text + b"\r\n")


Serve = Callable[..., MailServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts mail servers, and ends them after the test."""
    servers: list[tuple[MailServer, threading.Thread]] = []

    def start(file: Path | None = None, **options: ssl.TLSVersion) -> MailServer:
        server = MailServer(file, **options)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return server

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback addresses count as another machine, because tests reach no other."""
    monkeypatch.setattr(smtp_connection, "_is_loopback", lambda host: False)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate for 127.0.0.1 that this process trusts."""
    file = certificate(tmp_path, x509.IPAddress(ip_address("127.0.0.1")))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return file


def post(server: MailServer, user: str = "", query: str = "", host: str = "127.0.0.1") -> None:
    message = compose(
        Letter("alice@example.com", "Hello", "Your link: …"), "CashTicket <no-reply@tickets.example>", "id"
    )
    sending = transport(f"smtp://{user}{host}:{server.port}{query}")
    try:
        sending.send(message)
    finally:
        sending.close()


def secrets_in_clear(server: MailServer) -> list[bytes]:
    encoded = base64.b64encode(f"\0shop\0{PASSWORD}".encode())
    return [each for each in server.plain if encoded in each or PASSWORD.encode() in each or b"AUTH" in each]


@pytest.mark.parametrize("where", ["on this machine", "elsewhere"])
def test_a_password_is_never_sent_to_a_server_without_tls(
    serve: Serve, where: str, request: pytest.FixtureRequest
) -> None:
    if where == "elsewhere":
        request.getfixturevalue("elsewhere")
    server = serve()
    with pytest.raises(ServerRefused, match=r"offers no encryption .* write smtps:// in MAIL_URL") as refused:
        post(server, f"shop:{PASSWORD}@")
    assert PASSWORD not in str(refused.value) and "starttls=optional" not in str(refused.value)
    assert not secrets_in_clear(server) and not server.mails


def test_a_password_is_sent_over_tls(serve: Serve, trusted: Path) -> None:
    server = serve(trusted)
    post(server, f"shop:{PASSWORD}@")
    assert server.mails == 1 and not secrets_in_clear(server)
    assert [each for each in server.encrypted if each.startswith(b"AUTH")]
    assert not [each for each in server.plain if b"alice" in each]


@pytest.mark.usefixtures("elsewhere")
def test_a_certificate_that_nobody_vouches_for_is_refused(serve: Serve, tmp_path: Path) -> None:
    server = serve(certificate(tmp_path, x509.IPAddress(ip_address("127.0.0.1"))))
    with pytest.raises(ServerRefused, match="the certificate of the mail server"):
        post(server, f"shop:{PASSWORD}@")
    assert not server.mails and not secrets_in_clear(server)


@pytest.mark.usefixtures("elsewhere")
def test_a_certificate_of_another_host_is_refused(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = certificate(tmp_path, x509.DNSName("mail.example"))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    server = serve(file)
    with pytest.raises(ServerRefused, match="the certificate of the mail server"):
        post(server)
    assert not server.mails


@pytest.mark.usefixtures("elsewhere")
def test_tls_older_than_1_2_is_refused(serve: Serve, trusted: Path) -> None:
    server = serve(trusted, newest=ssl.TLSVersion.TLSv1_1)
    with pytest.raises(ServerRefused):
        post(server)
    assert not server.mails
    assert smtp_connection._verifying().minimum_version >= ssl.TLSVersion.TLSv1_2


@pytest.mark.usefixtures("elsewhere")
def test_a_relay_elsewhere_without_tls_gets_mail_only_when_that_was_said(serve: Serve) -> None:
    server = serve()
    with pytest.raises(ServerRefused, match=r"add \?starttls=optional"):
        post(server)
    assert not server.mails
    post(server, query="?starttls=optional")
    assert server.mails == 1


@pytest.mark.parametrize("with_tls", [True, False])
def test_a_relay_on_this_machine_needs_no_tls_and_no_trusted_certificate(
    serve: Serve, tmp_path: Path, with_tls: bool
) -> None:
    server = serve(certificate(tmp_path, x509.DNSName("snakeoil")) if with_tls else None)
    post(server)
    assert server.mails == 1
