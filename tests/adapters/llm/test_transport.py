"""The one module that knows litellm, against a server of our own on this machine and against the offline model."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.adapters.llm.conftest import KEY, Quiet, table
from webapp.adapters.llm import library, transport
from webapp.adapters.llm.calls import ModelCall
from webapp.adapters.llm.gateway import Models
from webapp.adapters.llm.transport import Fault, Reply, Request

ENCOUNTER = "Mrs Ofelia Brandt, 61, has gout. Allergic to penicillin. Plan: start colchicine 500 mcg twice daily."
GOOD = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "vendor-1",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "length"}],
    "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7},
}


@dataclass
class Vendor:
    """A provider in the OpenAI form; it answers with one status until told otherwise."""

    port: int = 0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    answers: threading.Event = field(default_factory=threading.Event)
    seen: list[dict[str, Any]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


def handler_of(vendor: Vendor) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            vendor.seen.append({"body": body, "authorization": self.headers["authorization"]})
            vendor.answers.wait(20)
            raw = json.dumps(GOOD if vendor.status == 200 else {"error": {"message": f"{KEY} hello"}}).encode()
            self.send_response(vendor.status)
            for name, value in {
                **vendor.headers,
                "content-type": "application/json",
                "content-length": len(raw),
            }.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Handler


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = Vendor()
    vendor.answers.set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(vendor))
    vendor.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield vendor
    vendor.answers.set()
    server.shutdown()
    server.server_close()


def request(address: str | None, timeout_seconds: int = 5) -> Request:
    return Request("openai/vendor-1", (("user", "hello"),), {"temperature": 0.1}, 0, timeout_seconds, KEY, address)


def send(asked: Request) -> Reply | Fault:
    return asyncio.run(transport.send(asked))


def test_a_good_answer_comes_through_with_the_vendors_own_count(vendor: Vendor) -> None:
    assert send(request(vendor.address)) == Reply("hi", "length", 5, 2)
    assert vendor.seen[0]["authorization"] == f"Bearer {KEY}"
    assert vendor.seen[0]["body"]["temperature"] == 0.1
    assert "metadata" not in vendor.seen[0]["body"]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "bad_request"),
        (401, "auth"),
        (403, "auth"),
        (404, "bad_request"),
        (408, "timeout"),
        (422, "bad_request"),
        (429, "rate_limited"),
        (500, "server_error"),
        (503, "server_error"),
    ],
)
def test_every_status_becomes_one_code_after_one_single_request(vendor: Vendor, status: int, code: str) -> None:
    vendor.status = status
    found = send(request(vendor.address))
    assert isinstance(found, Fault)
    assert found.code == code
    assert len(vendor.seen) == 1


def test_the_wait_a_vendor_asks_for_is_read_from_its_headers(vendor: Vendor) -> None:
    vendor.status, vendor.headers = 429, {"Retry-After": "7"}
    assert send(request(vendor.address)) == Fault("rate_limited", 7.0)


def test_a_vendor_that_does_not_answer_is_a_timeout(vendor: Vendor) -> None:
    vendor.answers.clear()
    assert send(request(vendor.address, timeout_seconds=1)) == Fault("timeout")


def test_a_closed_port_is_unreachable() -> None:
    assert send(request("http://127.0.0.1:9/v1")) == Fault("unreachable")


def test_neither_key_nor_text_reaches_a_log_or_an_error(
    vendor: Vendor, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    vendor.status = 400
    with caplog.at_level(logging.DEBUG):
        found = send(request(vendor.address))
    printed = repr(found) + caplog.text + "".join(capfd.readouterr())
    assert KEY not in printed
    assert "hello" not in printed


def test_the_offline_model_answers_through_litellm_without_key_or_network(quiet: Quiet) -> None:
    models = Models(table(), quiet.around())
    messages = (
        ("system", "Write a SOAP note. List the medicines with dose, route and frequency."),
        ("user", ENCOUNTER),
    )
    parameters = {"temperature": 0.2, "max_tokens": 500, "top_p": 1, "seed": 3, "stop": ["###"], "presence_penalty": 0}
    answer = asyncio.run(models.complete(ModelCall("offline-clinical-1", messages, parameters)))
    assert "colchicine 500 mcg" in answer.text
    assert (answer.provider, answer.finish_reason, answer.attempts, answer.latency_ms) == ("offline", "stop", 1, None)
    assert answer.tokens_out == -(-len(answer.text) // 4)
    assert answer.cost_microusd


def test_the_repeat_reaches_the_offline_model(quiet: Quiet, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, float, int | None]] = []
    known = library.answer_messages

    def listen(messages: Any, *, temperature: float, repeat: int, max_tokens: int | None) -> Any:
        seen.append((repeat, temperature, max_tokens))
        return known(messages, temperature=temperature, repeat=repeat, max_tokens=max_tokens)

    monkeypatch.setattr(library, "answer_messages", listen)
    models = Models(table(), quiet.around())
    call = ModelCall("offline-clinical-1", (("user", ENCOUNTER),), {"temperature": 0.7, "max_tokens": 9}, repeat=3)
    answer = asyncio.run(models.complete(call))
    assert seen == [(3, 0.7, 9)]
    assert answer.finish_reason == "length"


def test_the_gateway_loads_without_litellm_and_the_guards_stand_before_it_is_imported() -> None:
    script = (
        "import sys, os\n"
        "import webapp.adapters.llm.gateway\n"
        "from webapp.adapters.llm import library\n"
        "print('litellm' in sys.modules)\n"
        "library.litellm()\n"
        "print('litellm' in sys.modules, all(os.environ[name] == value for name, value in library.GUARDS.items()))\n"
    )
    bare = {name: value for name, value in os.environ.items() if name not in library.GUARDS}
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=bare)
    assert ran.stdout.split() == ["False", "True", "True"]
