"""An SMTP server on 127.0.0.1 that takes every mail and keeps of it when it came and to whom."""

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class MailSink(socketserver.ThreadingTCPServer):
    """`taken` counts mails; `came_at` has for each recipient who was asked for beforehand the moment (monotonic
    seconds) at which the mail was taken, None until then."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.taken = 0
        self.came_at: dict[str, float | None] = {}
        self.news = threading.Condition()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def take(self, recipient: str) -> None:
        """A mail is there, whole."""
        with self.news:
            self.taken += 1
            if recipient in self.came_at:
                self.came_at[recipient] = time.monotonic()
                self.news.notify_all()

    def wait_for(self, recipient: str, seconds: float) -> float | None:
        """When the mail to a recipient who was asked for came (monotonic seconds); None if it did not in time."""
        with self.news:
            self.news.wait_for(lambda: self.came_at[recipient], seconds)
            return self.came_at[recipient]


class _Conversation(socketserver.StreamRequestHandler):
    server: MailSink

    def handle(self) -> None:
        self._say("220 sink")
        recipient = ""
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"QUIT":
                return self._say("221 bye")
            if verb == b"RCPT":
                recipient = line.decode().partition("<")[2].partition(">")[0]
            if verb == b"DATA":
                self._say("354 go on")
                for part in iter(self.rfile.readline, b".\r\n"):
                    if not part:
                        return None
                self.server.take(recipient)
            self._say("250 ok")
        return None

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@contextmanager
def running_sink() -> Iterator[MailSink]:
    """A sink that runs as long as the block."""
    with MailSink() as sink:
        thread = threading.Thread(target=sink.serve_forever, kwargs={"poll_interval": 0.1})
        thread.start()
        try:
            yield sink
        finally:
            sink.shutdown()
            thread.join()
