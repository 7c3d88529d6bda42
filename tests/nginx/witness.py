"""The product with a witness in front of its doors: it tells what reached the process, or lets the process die of it.

A request with the header `X-Witness: tell` is answered with what the product would believe about it; one with
`X-Witness: die` is written to the file named by WITNESS_FILE, and kills the process before any answer.
"""

import os
import signal
import uuid
from pathlib import Path

from flask import Response, jsonify, request

from wsgi import app

__all__ = ["app"]


def witness() -> Response | None:
    wish = request.headers.get("X-Witness")
    if wish == "die":
        with Path(os.environ["WITNESS_FILE"]).open("a") as file:
            file.write(f"{request.method} {request.path}\n")
        os.kill(os.getpid(), signal.SIGKILL)
    if wish != "tell":
        return None
    return jsonify(
        request=uuid.uuid4().hex,
        process=os.getppid(),
        address=request.remote_addr,
        host=request.host,
        scheme=request.scheme,
        prefix=request.script_root,
        headers=dict(request.headers),
    )


# Before the product's own questions, so that a refused request is seen too.
app.before_request_funcs.setdefault(None, []).insert(0, witness)
