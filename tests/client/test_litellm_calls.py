"""Calls made with litellm report themselves: answers, streams and failures, sync and async, each once; and nothing else does."""

from __future__ import annotations

import asyncio
import json
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.adapters.llm.test_transport import Vendor

MESSAGES = [{"role": "system", "content": "You write notes."}, {"role": "user", "content": "Takes metformin."}]
METADATA = {"formulary": {"decision_id": "dec_1", "site": "North"}}
WAIT_SECONDS = 10


@dataclass
class Heard:
    """What was reported, in its order."""

    reports: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)

    def report(self, decision: str, **fields: Any) -> None:
        self.reports.put({"decision": decision, **fields})

    def one(self) -> dict[str, Any]:
        """The next report, as soon as it is there."""
        return self.reports.get(timeout=WAIT_SECONDS)


@pytest.fixture
def heard(litellm: Any) -> Iterator[Heard]:
    from formulary_client.litellm_calls import CallReports

    made = Heard()
    litellm.callbacks.append(CallReports(made))
    yield made
    assert made.reports.empty()


Call = Callable[[Any, dict[str, Any]], None]


def sync(litellm: Any, asked: dict[str, Any]) -> None:
    answer = litellm.completion(**asked)
    if asked.get("stream"):
        list(answer)


def awaited(litellm: Any, asked: dict[str, Any]) -> None:
    async def call() -> None:
        try:
            answer = await litellm.acompletion(**asked)
            if asked.get("stream"):
                assert [part async for part in answer]
        finally:
            await everything_logged(litellm)

    asyncio.run(call())


async def everything_logged(litellm: Any) -> None:
    """litellm's background work of this loop is done, as it is in an application whose loop goes on."""
    worker = litellm.litellm_core_utils.logging_worker.GLOBAL_LOGGING_WORKER
    others = asyncio.all_tasks() - {asyncio.current_task(), worker._worker_task}
    await asyncio.wait_for(asyncio.gather(*others, worker.flush(), return_exceptions=True), WAIT_SECONDS)


@pytest.mark.parametrize("call", [sync, awaited])
@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_is_reported_once_with_what_it_took(litellm: Any, heard: Heard, call: Call, stream: bool) -> None:
    asked = {"model": "gpt-4o", "messages": MESSAGES, "mock_response": "Gout. Plan: rest.", "stream": stream}
    call(litellm, {**asked, "metadata": {**METADATA}})
    report = heard.one()
    times = {report.pop(name) for name in ("latency_ms", *(["ttft_ms"] if stream else []))}
    assert all(isinstance(time, int) and time >= 0 for time in times)
    assert report.pop("event_id").endswith("-done")
    assert report.pop("cost_microusd") > 0
    assert report.pop("tokens_in") > 0
    assert report.pop("tokens_out") > 0
    assert report == {
        "decision": "dec_1",
        "site": "North",
        "model": "gpt-4o",
        "request": "Takes metformin.",
        "response": "Gout. Plan: rest.",
        "finish_reason": "stop",
    }


@pytest.mark.parametrize("call", [sync, awaited])
def test_a_failure_is_reported_once_by_its_class_and_never_by_its_words(litellm: Any, heard: Heard, call: Call) -> None:
    asked = {"model": "gpt-4o", "messages": MESSAGES, "mock_response": ValueError("Mr Brandt, 61")}
    with pytest.raises(litellm.InternalServerError):
        call(litellm, {**asked, "metadata": {**METADATA}})
    report = heard.one()
    assert (report["error"], report["model"], report["decision"]) == ("InternalServerError", "gpt-4o", "dec_1")
    assert report["event_id"].endswith("-failed")
    assert "Brandt" not in json.dumps(report)


@pytest.mark.parametrize("call", [sync, awaited])
def test_the_model_that_answered_is_reported_and_the_decision_stays_with_the_application(
    litellm: Any, heard: Heard, vendor: Vendor, call: Call
) -> None:
    asked = {"model": "openai/asked-1", "messages": MESSAGES, "api_base": vendor.address, "api_key": "sk-none"}
    call(litellm, {**asked, "metadata": {**METADATA}})
    report = heard.one()
    assert (report["model"], report["finish_reason"]) == ("vendor-1", "length")
    assert (report["tokens_in"], report["tokens_out"]) == (5, 2)
    assert "dec_1" not in json.dumps(vendor.seen)
    vendor.status = 429
    with pytest.raises(litellm.RateLimitError):
        call(litellm, {**asked, "metadata": {**METADATA}, "max_retries": 0})
    assert heard.one()["error"] == "RateLimitError"


class Breaking(BaseHTTPRequestHandler):
    """A provider whose stream ends in an error after the first word."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        choice = {"index": 0, "delta": {"role": "assistant", "content": "Mr"}, "finish_reason": None}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "v", "choices": [choice]}
        for one in (chunk, {"error": {"message": "overloaded", "code": 503}}):
            self.wfile.write(b"data: " + json.dumps(one).encode() + b"\n\n")

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.mark.parametrize("call", [sync, awaited])
def test_a_stream_that_breaks_off_is_a_failure(litellm: Any, heard: Heard, call: Call) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Breaking) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/v1"
        asked = {"model": "openai/asked-1", "messages": MESSAGES, "api_base": address, "api_key": "sk-none"}
        with pytest.raises(litellm.ServiceUnavailableError):
            call(litellm, {**asked, "metadata": {**METADATA}, "stream": True, "max_retries": 0})
        report = heard.one()
        server.shutdown()
    assert report["error"].endswith("Error")
    assert report["event_id"].endswith("-failed")
    assert "response" not in report


def test_calls_that_carry_no_decision_are_nobodys_business(litellm: Any, heard: Heard) -> None:
    asked = {"model": "gpt-4o", "messages": MESSAGES, "mock_response": "Yes."}
    for metadata in (None, {}, {"formulary": "dec_1"}, {"other": {"decision_id": "dec_1"}}):
        sync(litellm, {**asked, "metadata": metadata})
    sync(litellm, {**asked, "metadata": {"formulary": {"decision_id": "dec_2"}}})
    assert heard.one()["decision"] == "dec_2"


def test_texts_stay_away_where_the_application_or_litellm_says_so(
    litellm: Any, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    from formulary_client.litellm_calls import CallReports

    parts = [{"role": "user", "content": [{"type": "text", "text": "Takes"}, {"type": "text", "text": "aspirin."}]}]
    asked = {"model": "gpt-4o", "messages": parts, "mock_response": "Yes.", "metadata": METADATA}
    sync(litellm, asked)
    assert heard.one()["request"] == "Takes\naspirin."
    monkeypatch.setattr(litellm, "turn_off_message_logging", True)
    sync(litellm, asked)
    assert not {"request", "response"} & set(heard.one())
    monkeypatch.setattr(litellm, "turn_off_message_logging", False)
    without = Heard()
    litellm.success_callback[:] = litellm.callbacks[:] = [CallReports(without, with_texts=False)]
    sync(litellm, asked)
    assert not {"request", "response"} & set(without.one())


def test_an_answer_of_a_kind_that_nobody_knows_stops_no_application(caplog: pytest.LogCaptureFixture) -> None:
    from formulary_client.litellm_calls import CallReports

    heard = Heard()
    CallReports(heard).log_success_event({"litellm_params": {"metadata": METADATA}}, object(), None, None)
    assert heard.reports.empty()
    assert "could not be reported" in caplog.text
