"""A program with a token, over Flask's test client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import Staff
from tests.services.submissions import PROMPT, suite_bytes
from webapp.adapters.outside import Outside
from webapp.services.tokens import TokenRequest, make_token
from webapp.web.app import create_app

BODY: dict[str, Any] = {
    "prompt": "clinical-summarization",
    "risk_class": "clinical",
    "title": "Doses with route",
    "changes": "Doses are listed with their route.",
    "intended_use": "Draft notes of adult outpatients.",
    "not_for": "Triage.",
    "downtime_text": "Write the note by hand.",
    "suite": suite_bytes().decode(),
    "version": {
        name: PROMPT[name]
        for name in (
            "version",
            "description",
            "model_compatibility",
            "system_prompt",
            "user_template",
            "parameters",
        )
    },
}


@dataclass
class Caller:
    """Sends requests with one token."""

    client: FlaskClient
    token: str

    def send(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **more)

    def get(self, path: str) -> TestResponse:
        return self.send("GET", path)

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.send("POST", path, json=body, headers=headers)


def issue(outside: Outside, staff: Staff, owner: str, *scopes: str, prompts: tuple[str, ...] = ()) -> str:
    """A fresh token of this person."""
    asked = TokenRequest("pipeline", scopes, prompts, "Ada", "+1 555 0100", 30)
    return make_token(outside, staff.act_as(owner), asked)


def call_as(outside: Outside, staff: Staff, owner: str = "ada", *scopes: str, prompts: tuple[str, ...] = ()) -> Caller:
    """A program of this person; an author's may submit and read unless told otherwise."""
    secret = issue(outside, staff, owner, *(scopes or ("submit", "read")), prompts=prompts)
    return Caller(create_app(outside).test_client(), secret)
