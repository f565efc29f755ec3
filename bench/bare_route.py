"""A Flask route that does nothing, on the server and with the settings of ``formulary deliver``."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, jsonify

from webapp.cli.server import make_server
from webapp.settings import read_settings

app = Flask("bare")


@app.get("/api/v1/prompts/<name>/release")
def release(name: str) -> Any:
    """The least that Flask can answer as JSON."""
    return jsonify(prompt=name)


@app.get("/healthz")
def alive() -> Any:
    """The process answers."""
    return jsonify(status="alive")


if __name__ == "__main__":
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    make_server(app, host="127.0.0.1", port=read_settings().delivery_port).run()
