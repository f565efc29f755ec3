"""A browser without a browser: real forms with their CSRF token, over Flask's test client."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.people import PASSWORD, next_code
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person
from webapp.web.app import create_app

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def make_client(outside: Outside) -> FlaskClient:
    """A client of an application over this house."""
    return create_app(outside).test_client()


def sign_in(client: FlaskClient, name: str, password: str = PASSWORD) -> TestResponse:
    """The person's sign-in form is sent, and the code after it where the person has an app."""
    email = f"{name}@example.org"
    answer = post_form(client, "/sign-in", {"email": email, "password": password})
    if answer.status_code != 303 or not answer.location.endswith("/second-factor"):
        return answer
    outside = client.application.extensions["formulary"]
    return post_form(client, answer.location, {"code": code_for(outside, email)}, page=answer.location)


def code_for(outside: Outside, email: str) -> str:
    """An unused code of this person's app; empty without one."""
    with outside.database.reading() as session:
        person_id = session.scalars(select(Person.id).where(Person.email == email)).one()
    return next_code(outside, person_id) or ""


def post_form(client: FlaskClient, url: str, fields: dict[str, Any], page: str = "/sign-in") -> TestResponse:
    """The form is sent with the CSRF token of ``page``, as a browser would."""
    found = TOKEN.search(client.get(page).get_data(as_text=True))
    assert found, f"{page} shows no form"
    return client.post(url, data={"csrf_token": found[1], **fields})
