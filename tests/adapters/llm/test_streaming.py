"""Streamed answers: put together whole, with the time to the first piece of text measured by our own clock."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.adapters.llm.conftest import KEY, Quiet, table
from webapp.adapters.llm import transport
from webapp.adapters.llm.calls import ModelCall
from webapp.adapters.llm.gateway import Models
from webapp.adapters.llm.transport import Fault, Reply, Request


def piece(content: str | None, finish_reason: str | None = None, **more: object) -> str:
    delta = {} if content is None else {"content": content}
    event = {
        "id": "1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "vendor-1",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
        **more,
    }
    return f"data: {json.dumps(event)}\n\n"


USAGE = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
WHOLE = [piece(""), piece("good "), piece("morning"), piece(None, "stop"), piece(None, usage=USAGE), "data: [DONE]\n\n"]


@pytest.fixture
def pieces() -> list[str]:
    return list(WHOLE)


@pytest.fixture
def address(pieces: list[str]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            assert asked["stream"] is True
            assert asked["stream_options"] == {"include_usage": True}
            raw = "".join(pieces).encode()
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("content-length", str(len(raw) + (0 if pieces[-1].startswith("data: [DONE]") else 10)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def send(address: str) -> Reply | Fault:
    ticks = itertools.count(5)
    request = Request(
        "openai/vendor-1", (("user", "hello"),), {}, 0, 5, KEY, address, stream_clock=lambda: float(next(ticks))
    )
    return asyncio.run(transport.send(request))


def test_a_streamed_answer_is_whole_and_its_first_text_is_timed_once(address: str) -> None:
    assert send(address) == Reply("good morning", "stop", 9, 4, first_piece_at=5.0)


def test_a_stream_without_text_has_no_first_piece(address: str, pieces: list[str]) -> None:
    pieces[1:3] = []
    assert send(address) == Reply("", "stop", 9, 4, first_piece_at=None)


def test_a_stream_that_breaks_off_is_a_fault_and_never_half_an_answer(address: str, pieces: list[str]) -> None:
    pieces[2:] = []
    assert isinstance(send(address), Fault)


def test_the_time_to_the_first_word_counts_from_the_attempt_that_answered(
    monkeypatch: pytest.MonkeyPatch, quiet: Quiet
) -> None:
    outcomes: list[Reply | Fault] = [Fault("server_error"), Reply("good", "stop", 1, 1, first_piece_at=0.75)]

    async def play(request: Request) -> Reply | Fault:
        assert request.stream_clock is not None
        return outcomes.pop(0)

    monkeypatch.setattr(transport, "send", play)
    models = Models(table(streams=True), quiet.around())
    answer = asyncio.run(models.complete(ModelCall("vendor-1", (("user", "hello"),))))
    assert quiet.clock == 0.5
    assert answer.ttft_ms == 250


def test_a_model_that_does_not_stream_and_the_offline_model_have_no_time_to_the_first_word(quiet: Quiet) -> None:
    models = Models(table(), quiet.around())
    answer = asyncio.run(models.complete(ModelCall("offline-clinical-1", (("user", "hello"),))))
    assert (answer.ttft_ms, answer.latency_ms) == (None, None)
