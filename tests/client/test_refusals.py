"""Each code with which the server refuses is an error class of its own, told from everything else by applications and in their logs."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

import formulary_client
from formulary_client import (
    CutOff,
    DowntimeError,
    LogBroken,
    NotAnswered,
    RoleMissing,
    ScopeMissing,
    Starting,
    TokenExpired,
    TokenMissing,
    TokenRevoked,
    TokenUnknown,
    Unavailable,
)
from formulary_client.errors import BY_CODE
from tests import rollouts as r
from tests.api.test_refusal_codes import documented
from tests.client.ward import Ward
from tests.conftest import Clock, Staff
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Token

ROOT = Path(__file__).resolve().parents[2]
NEVER_SENT_TO_A_CLIENT = {"invalid"}
"""What the client asks for has no unit, site or department in it."""
ALIKE = {"not_found", "prompt_not_allowed"}
"""A snapshot leaves out both prompts that are not there and prompts that the token is not for."""
CODES = {
    "token_unknown": (401, TokenUnknown),
    "not_signed_in": (401, TokenMissing),
    "role": (403, RoleMissing),
    "starting": (503, Starting),
    "log_broken": (503, LogBroken),
    "unavailable": (503, Unavailable),
}


def test_every_code_of_the_servers_table_has_a_class_of_its_own() -> None:
    codes = {code for _, code in documented()} - NEVER_SENT_TO_A_CLIENT
    assert set(BY_CODE) == codes
    own = [kind for code, kind in BY_CODE.items() if code not in ALIKE]
    assert len(set(own)) == len(own)


def test_every_class_can_be_imported_and_is_documented() -> None:
    told = (ROOT / "docs/client.md").read_text(encoding="utf-8")
    for kind in BY_CODE.values():
        assert issubclass(kind, DowntimeError)
        assert kind.__name__ in formulary_client.__all__
        assert f"`{kind.__name__}`" in told


def answering(ward: Ward, status: int, body: str) -> None:
    """The server answers everything with this."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=body, request=request)

    ward.line.handle_request = answer  # type: ignore[method-assign]


def test_a_refused_question_says_why_and_what_is_held_goes_on(outside: Outside, staff: Staff, ward: Ward) -> None:
    r.started(outside, staff, r.DIRECT)
    ward.look()
    client = ward.client()
    for code, (status, kind) in CODES.items():
        answering(ward, status, json.dumps({"error": {"code": code, "message": "Why.", "details": {}}}))
        assert not client.poll()
        assert (type(client.trouble), str(client.trouble)) == (kind, "Why.")
        assert client.resolve(r.NAME).version["label"] == "1.0"
        with pytest.raises(kind) as refused:
            ward.client(folder=None).resolve(r.NAME)
        assert isinstance(refused.value, NotAnswered)
        assert (type(refused.value), refused.value.sentence) == (kind, "Why.")


def test_an_answer_that_nobody_knows_is_no_word_of_the_server(ward: Ward) -> None:
    for status in (204, 302, 400, 500):
        for body in ("", "[]", '{"error": "no"}', '{"error": {"code": "brand_new", "message": "?"}}'):
            answering(ward, status, body)
            with pytest.raises(DowntimeError):
                ward.client(folder=None).resolve(r.NAME)


def test_a_token_that_lacks_the_scope_was_revoked_or_ended_says_so(
    outside: Outside, staff: Staff, ward: Ward, clock: Clock
) -> None:
    def refused(token: str) -> type[DowntimeError]:
        ward.token = token
        with pytest.raises(DowntimeError) as error:
            ward.client(folder=None).resolve(r.NAME)
        return type(error.value)

    assert refused(r.token(outside, staff, scopes=("report",))) is ScopeMissing
    assert refused("pf_" + "A" * 43) is TokenUnknown
    ended = r.token(outside, staff)
    clock.forward(days=91)
    assert refused(ended) is TokenExpired
    with outside.database.writing() as session:
        session.execute(update(Token).values(revoked_at=outside.now()))
    assert refused(ended) is TokenRevoked
    ward.line.is_up = False
    assert refused(ended) is CutOff
