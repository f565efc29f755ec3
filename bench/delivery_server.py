"""A server for the benchmark of delivery: the delivery process over a folder, or a bare Flask route."""

from __future__ import annotations

import logging
import socket
import sys
from pathlib import Path
from typing import Any

import waitress
from flask import Flask, jsonify

from tests.conftest import make_outside
from webapp.cli.server import SERVER
from webapp.delivery import create_delivery_app


def _bare() -> Flask:
    app = Flask("bare")

    @app.get("/api/v1/prompts/<name>/release")
    def release(name: str) -> Any:
        return jsonify(prompt=name)

    return app


if __name__ == "__main__":
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    kind, folder = sys.argv[1], Path(sys.argv[2])
    app = (
        _bare()
        if kind == "bare"
        else create_delivery_app(make_outside(folder / "server", f"sqlite:///{folder}/bench.sqlite"))
    )
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    waitress.serve(app, sockets=[listening], **SERVER)
