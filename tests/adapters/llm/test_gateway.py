"""Asking a model: attempts, waits, prices and failures, with the one call to litellm replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from tests.adapters.llm.conftest import KEY, Quiet, table
from webapp.adapters.llm import transport
from webapp.adapters.llm.calls import FAILURE_CODES, CallFailed, Completion, FailureCode, ModelCall
from webapp.adapters.llm.gateway import SENTENCES, Models
from webapp.adapters.llm.transport import Fault, Reply, Request
from webapp.errors import NotFound, Unavailable

CALL = ModelCall("vendor-1", (("system", "be kind"), ("user", "hello there")), {"temperature": 0.2})
REPLY = Reply("good morning", "stop", 100, 10)


class Script:
    """Plays prepared outcomes in order and remembers what was sent."""

    def __init__(self, outcomes: Iterable[Reply | Fault]) -> None:
        self.outcomes, self.sent = list(outcomes), list[Request]()

    async def send(self, request: Request) -> Reply | Fault:
        self.sent.append(request)
        return self.outcomes.pop(0)


def play(monkeypatch: pytest.MonkeyPatch, *outcomes: Reply | Fault) -> Script:
    script = Script(outcomes)
    monkeypatch.setattr(transport, "send", script.send)
    return script


def ask(models: Models, call: ModelCall = CALL) -> Completion:
    return asyncio.run(models.complete(call))


def failure(models: Models, call: ModelCall = CALL) -> CallFailed:
    with pytest.raises(CallFailed) as failed:
        ask(models, call)
    return failed.value


def test_an_answer_carries_tokens_cost_latency_and_the_price_it_was_counted_with(
    monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    play(monkeypatch, REPLY)
    answer = ask(models)
    assert (answer.text, answer.model, answer.provider, answer.finish_reason) == (
        "good morning",
        "vendor-1",
        "openai",
        "stop",
    )
    assert (answer.tokens_in, answer.tokens_out, answer.cost_microusd, answer.attempts) == (100, 10, 120, 1)
    assert answer.latency_ms == 0
    assert str(answer.price_valid_from) == "2026-01-01"


def test_tokens_that_nobody_counted_are_estimated_from_characters(
    monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    play(monkeypatch, Reply("good morning", "stop", None, None))
    answer = ask(models)
    assert (answer.tokens_in, answer.tokens_out) == (5, 3)


@pytest.mark.parametrize("code", ["rate_limited", "timeout", "server_error", "unreachable"])
def test_a_passing_fault_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, models: Models, quiet: Quiet, code: FailureCode
) -> None:
    script = play(monkeypatch, Fault(code), Fault(code), REPLY)
    assert ask(models).attempts == 3
    assert len(script.sent) == 3
    assert quiet.waits == [0.5, 1.0]


@pytest.mark.parametrize("code", ["bad_request", "auth"])
def test_a_fault_of_our_own_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, models: Models, quiet: Quiet, code: FailureCode
) -> None:
    script = play(monkeypatch, Fault(code))
    found = failure(models)
    assert (found.code, found.retryable, found.attempts, len(script.sent)) == (code, False, 1, 1)
    assert quiet.waits == []


def test_after_the_last_attempt_the_call_has_failed(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    script = play(monkeypatch, *[Fault("server_error")] * 6)
    found = failure(models)
    assert (found.code, found.retryable, found.attempts) == ("server_error", True, 6)
    assert script.outcomes == []


def test_the_vendors_wait_is_kept(monkeypatch: pytest.MonkeyPatch, models: Models, quiet: Quiet) -> None:
    play(monkeypatch, Fault("rate_limited", 17.0), REPLY)
    assert ask(models).attempts == 2
    assert quiet.waits == [17.0]


def test_a_vendors_wait_beyond_patience_ends_the_call_and_is_told(
    monkeypatch: pytest.MonkeyPatch, models: Models, quiet: Quiet
) -> None:
    play(monkeypatch, Fault("rate_limited", 3600.0))
    found = failure(models)
    assert (found.retry_after_seconds, found.attempts) == (3600.0, 1)
    assert quiet.waits == []


def test_without_a_key_nothing_is_sent_and_the_sentence_names_the_key(
    monkeypatch: pytest.MonkeyPatch, quiet: Quiet
) -> None:
    script = play(monkeypatch)
    quiet.secrets.clear()
    found = failure(Models(table(), quiet.around()))
    assert (found.code, found.retryable, found.attempts) == ("no_key", False, 0)
    assert (
        found.sentence
        == "vendor-1 is not configured: the key SOME_API_KEY is not set. Ask the administrator to set it."
    )
    assert script.sent == []


def test_a_local_model_needs_no_key(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    script = play(monkeypatch, REPLY)
    ask(models, ModelCall("local-1", CALL.messages))
    assert script.sent[0].api_base == "http://127.0.0.1:9/v1"
    assert script.sent[0].api_key != KEY


def test_every_failure_has_a_sentence_with_a_next_step() -> None:
    assert set(SENTENCES) == set(FAILURE_CODES)
    assert all(sentence.endswith(".") and sentence.count(".") >= 2 for sentence in SENTENCES.values())
    assert issubclass(CallFailed, Unavailable)


def test_an_unknown_model_is_not_found(models: Models) -> None:
    with pytest.raises(NotFound):
        ask(models, ModelCall("nobody", CALL.messages))


def test_calls_of_one_provider_keep_its_pace(monkeypatch: pytest.MonkeyPatch, models: Models, quiet: Quiet) -> None:
    play(monkeypatch, *[REPLY] * 62)
    for _ in range(62):
        ask(models)
    assert quiet.waits == [pytest.approx(1.0), pytest.approx(1.0)]


def test_the_offline_model_waits_for_no_pace_and_reports_no_latency(
    monkeypatch: pytest.MonkeyPatch, models: Models, quiet: Quiet
) -> None:
    play(monkeypatch, *[REPLY] * 70)
    answers = [ask(models, ModelCall("offline-clinical-1", CALL.messages)) for _ in range(70)]
    assert quiet.waits == []
    assert {answer.latency_ms for answer in answers} == {None}


def test_neither_key_nor_text_shows_when_things_are_printed(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    script = play(monkeypatch, REPLY)
    answer = ask(models)
    printed = f"{script.sent[0]!r} {CALL!r} {answer!r} {REPLY!r}"
    assert script.sent[0].api_key == KEY
    assert all(secret not in printed for secret in (KEY, "hello there", "good morning"))


def test_facts_say_what_is_configured_and_why_not(quiet: Quiet) -> None:
    quiet.secrets.clear()
    models = Models(table(), quiet.around())
    vendor, local, offline = models.facts()
    assert not vendor.configured
    assert vendor.closed_because is not None and "SOME_API_KEY" in vendor.closed_because
    assert (local.configured, local.closed_because) == (True, None)
    assert (offline.configured, offline.offline, offline.may_receive_phi) == (True, True, True)
    assert models.fact("vendor-1") == vendor


def falling_back(*names: str) -> ModelCall:
    return ModelCall("vendor-1", CALL.messages, fallbacks=names)


def test_where_the_provider_fails_the_first_fallback_that_answers_is_named_as_who_answered(
    monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    script = play(monkeypatch, *[Fault("server_error")] * 6, REPLY)
    answer = ask(models, falling_back("local-1"))
    assert (answer.model, answer.provider, answer.attempts) == ("local-1", "house", 1)
    assert [request.litellm_name for request in script.sent] == ["openai/vendor-1"] * 6 + ["openai/local-1"]


@pytest.mark.parametrize("code", ["bad_request", "auth"])
def test_no_fallback_answers_for_what_we_did_wrong(
    monkeypatch: pytest.MonkeyPatch, models: Models, code: FailureCode
) -> None:
    script = play(monkeypatch, Fault(code), REPLY)
    assert failure(models, falling_back("local-1")).code == code
    assert len(script.sent) == 1


def test_where_the_fallbacks_fail_too_the_failure_is_that_of_the_model_asked(
    monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    play(monkeypatch, *[Fault("rate_limited")] * 6, Fault("bad_request"))
    assert failure(models, falling_back("local-1")).code == "rate_limited"


def test_without_named_fallbacks_nobody_stands_in(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    script = play(monkeypatch, *[Fault("server_error")] * 6, REPLY)
    assert failure(models).code == "server_error"
    assert len(script.sent) == 6


def test_a_region_that_is_not_allowed_gets_nothing_and_this_machine_is_always_allowed(
    monkeypatch: pytest.MonkeyPatch, quiet: Quiet
) -> None:
    script = play(monkeypatch, REPLY)
    models = Models(table(regions=["eu"]), quiet.around())
    vendor, _, offline = models.facts()
    assert vendor.closed_because is not None
    assert "processes data in us, which is not among the allowed regions" in vendor.closed_because
    assert offline.closed_because is None
    assert failure(models).code == "forbidden_region"
    assert script.sent == []


@pytest.mark.parametrize(
    ("day", "warning"),
    [
        ("2026-11-20", "vendor-1 was retired by openai on 20 November 2026. Choose another model."),
        (
            "2026-11-24",
            "vendor-1 is retired by openai on 24 November 2026, in 1 day. Plan the change to its successor.",
        ),
        (
            "2027-02-21",
            "vendor-1 is retired by openai on 21 February 2027, in 90 days. Plan the change to its successor.",
        ),
        ("2027-02-22", None),
        (None, None),
    ],
)
def test_the_end_of_a_model_is_told_ninety_days_before(quiet: Quiet, day: str | None, warning: str | None) -> None:
    assert Models(table(retires_on=day), quiet.around()).fact("vendor-1").retirement_warning == warning
