"""An SMTP server for tests: it takes mails, or answers a command or a recipient as the test wants."""

import email
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage


class MailServer(socketserver.ThreadingTCPServer):
    """Answers the SMTP verbs that sending needs.

    `answers` maps a verb (MAIL, RCPT, DATA, ".") to a line for everybody, `recipients` an address to a line for it.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.answers: dict[str, str] = {}
        self.recipients: dict[str, str] = {}
        self.greeting = "220 test"
        self.extensions: tuple[str, ...] = ()
        self.received: list[bytes] = []
        self.tried: list[str] = []
        self.connections = 0
        self.mails_a_connection = 1_000
        self.farewells = 0
        self.on_mail: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def letters(self) -> list[EmailMessage]:
        """The mails that were taken, oldest first."""
        return [email.message_from_bytes(raw, EmailMessage, policy=policy.default) for raw in list(self.received)]


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.connections += 1
        left = self.server.mails_a_connection
        self._say(self.server.greeting)
        while line := self.rfile.readline():
            verb, argument = line[:4].decode().upper(), line[4:].strip().decode()
            if verb == "QUIT":
                self.server.farewells += 1
                return self._say("221 bye")
            if verb == "MAIL":
                left -= 1
                if left < 0:
                    return self._say("421 enough on this connection")
            if verb == "EHLO":
                self._say("\r\n".join(["250-test", *(f"250-{name}" for name in self.server.extensions), "250 HELP"]))
            elif verb == "RCPT":
                address = argument.partition("<")[2].partition(">")[0]
                self.server.tried.append(address)
                answer = self.server.recipients.get(address, self.server.answers.get("RCPT", "250 ok"))
                self._say(answer)
            elif verb == "DATA" and "DATA" not in self.server.answers:
                self._take()
            else:
                self._say(self.server.answers.get(verb.strip(), "250 ok"))
        return None

    def _take(self) -> None:
        self._say("354 go on")
        content = b"".join(iter(self.rfile.readline, b".\r\n"))
        answer = self.server.answers.get(".", "250 stored")
        if answer.startswith("250"):
            self.server.received.append(content)
            self.server.on_mail()
        self._say(answer)

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    """A server that takes every mail until the test says otherwise."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
