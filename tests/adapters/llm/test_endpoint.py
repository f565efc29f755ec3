"""An application of the hospital as the target: what it is told, what it must say of itself, what is never followed or read."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.adapters.llm.conftest import COMMON, KEY, Quiet
from webapp.adapters.llm import endpoint
from webapp.adapters.llm.calls import CallFailed, Completion, ModelCall
from webapp.adapters.llm.endpoint import may_be_asked
from webapp.adapters.llm.gateway import Models
from webapp.adapters.llm.models_file import models_of

GOOD = {
    "output": "Plan: rest.",
    "code_version": "app 3.1",
    "index_id": "guidelines 7",
    "tokens": {"input": 200, "output": 10},
}
CALL = ModelCall(
    "notes-service",
    (("system", "be kind"), ("user", "hello")),
    {"temperature": 0},
    repeat=2,
    inputs={"encounter_text": "hello"},
    prompt_label="1.1",
    prompt_sha256="ab" * 32,
)


@dataclass
class Application:
    """An application that answers as told and remembers what it was sent."""

    status: int = 200
    answer: Any = field(default_factory=lambda: dict(GOOD))
    headers: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[dict[str, str], Any]] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def application() -> Iterator[Application]:
    told = Application()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            told.seen.append(({name.lower(): value for name, value in self.headers.items()}, body))
            raw = told.answer if isinstance(told.answer, bytes) else json.dumps(told.answer).encode()
            self.send_response(told.status)
            for name, value in {**told.headers, "content-length": str(len(raw))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


def service(port: int, quiet: Quiet, *, allows_loopback: bool = True, **changed: Any) -> Models:
    row = {
        **COMMON,
        "name": "notes-service",
        "provider": "house",
        "endpoint": {"url": f"http://localhost:{port}/evaluate", "key_header": "X-Api-Key"},
        "api_key_env": "SOME_API_KEY",
        **changed,
    }
    around = replace(quiet.around(), allows_loopback=allows_loopback)
    return Models(models_of({"models": [row]}, "models.yaml"), around)


def ask(models: Models) -> Completion:
    return asyncio.run(models.complete(CALL))


def code_of(models: Models) -> str:
    with pytest.raises(CallFailed) as failed:
        ask(models)
    return failed.value.code


def test_the_application_is_told_inputs_prompt_messages_and_parameters(application: Application, quiet: Quiet) -> None:
    answer = ask(service(application.port, quiet))
    headers, body = application.seen[0]
    assert body == {
        "inputs": {"encounter_text": "hello"},
        "prompt": {"label": "1.1", "sha256": "ab" * 32},
        "messages": [{"role": "system", "content": "be kind"}, {"role": "user", "content": "hello"}],
        "parameters": {"temperature": 0},
        "repeat": 2,
    }
    assert headers["x-api-key"] == KEY
    assert headers["host"] == f"localhost:{application.port}"
    assert (answer.text, answer.model, answer.tokens_in, answer.tokens_out) == ("Plan: rest.", "notes-service", 200, 10)
    assert (answer.code_version, answer.index_id, answer.cost_microusd) == ("app 3.1", "guidelines 7", 220)


def test_without_counted_tokens_the_cost_is_unknown(application: Application, quiet: Quiet) -> None:
    del application.answer["tokens"]
    assert ask(service(application.port, quiet)).cost_microusd is None


@pytest.mark.parametrize(
    "answer",
    [
        b"not json",
        b'{"output": NaN, "code_version": "1"}',
        b"[" * 100_000,
        b"\xff\xfe",
        [],
        {**GOOD, "output": None},
        {**GOOD, "code_version": ""},
        {**GOOD, "code_version": "a\nb"},
        {**GOOD, "index_id": 7},
        {name: value for name, value in GOOD.items() if name != "code_version"},
    ],
)
def test_an_answer_in_another_form_is_none(application: Application, quiet: Quiet, answer: Any) -> None:
    application.answer = answer
    assert code_of(service(application.port, quiet)) == "bad_answer"
    assert len(application.seen) == 1


def test_a_redirect_is_not_followed(application: Application, quiet: Quiet) -> None:
    application.status, application.headers = 307, {"location": f"http://localhost:{application.port}/elsewhere"}
    assert code_of(service(application.port, quiet)) == "bad_answer"
    assert len(application.seen) == 1


def test_an_answer_that_is_too_large_or_packed_is_not_read(
    application: Application, quiet: Quiet, monkeypatch: pytest.MonkeyPatch
) -> None:
    application.headers = {"content-encoding": "gzip"}
    assert code_of(service(application.port, quiet)) == "bad_answer"
    application.headers = {}
    monkeypatch.setattr(endpoint, "MOST_BYTES", 1_000)
    application.answer = {**GOOD, "output": "x" * 2_000}
    assert code_of(service(application.port, quiet)) == "bad_answer"


def test_faults_of_the_application_are_tried_again_and_its_wait_is_kept(application: Application, quiet: Quiet) -> None:
    application.status, application.headers = 503, {"retry-after": "9"}
    assert code_of(service(application.port, quiet)) == "server_error"
    assert len(application.seen) == 6
    assert quiet.waits == [9.0] * 5


def test_this_machine_is_asked_only_where_that_is_allowed(application: Application, quiet: Quiet) -> None:
    assert code_of(service(application.port, quiet, allows_loopback=False)) == "forbidden_address"
    assert application.seen == []


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("10.1.2.3", True),
        ("192.168.4.5", True),
        ("203.0.113.9", True),
        ("fd00::1", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("169.254.169.254", False),
        ("fe80::1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
    ],
)
def test_addresses_of_the_house_may_be_asked_those_of_the_machine_and_its_host_never(address: str, may: bool) -> None:
    assert may_be_asked(ipaddress.ip_address(address), allows_loopback=False) is may
    if address in ("169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1"):
        assert not may_be_asked(ipaddress.ip_address(address), allows_loopback=True)


def test_neither_key_nor_text_shows_when_a_request_is_printed() -> None:
    request = endpoint.EndpointRequest("https://app", {"inputs": {"text": "hello"}}, "X-Api-Key", KEY, 5, False, None)
    assert KEY not in repr(request)
    assert "hello" not in repr(request)
