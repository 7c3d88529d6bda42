"""A mail server that takes every mail and keeps none, so that an installation can send."""

import socketserver
import threading


class Mailbox:
    """Listens on `port` of 127.0.0.1 until it is stopped."""

    def __init__(self) -> None:
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, name="mailbox", daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 mailbox")
        in_message = False
        for text in iter(self.rfile.readline, b""):
            if in_message:
                in_message = text.strip() != b"."
                if not in_message:
                    self._say("250 taken")
                continue
            verb = text[:4].upper()
            in_message = verb == b"DATA"
            self._say({b"DATA": "354 go on", b"QUIT": "221 bye"}.get(verb, "250 mailbox"))
            if verb == b"QUIT":
                return

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
