"""A browser without a browser: real forms with their CSRF token, over Flask's test client."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.people import PASSWORD
from webapp.adapters.outside import Outside
from webapp.web.app import create_app

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def make_client(outside: Outside) -> FlaskClient:
    """A client of an application over this house."""
    return create_app(outside).test_client()


def sign_in(client: FlaskClient, name: str, password: str = PASSWORD) -> TestResponse:
    """The person's sign-in form is sent."""
    return post_form(client, "/sign-in", {"email": f"{name}@example.org", "password": password})


def post_form(client: FlaskClient, url: str, fields: dict[str, Any], page: str = "/sign-in") -> TestResponse:
    """The form is sent with the CSRF token of ``page``, as a browser would."""
    found = TOKEN.search(client.get(page).get_data(as_text=True))
    assert found, f"{page} shows no form"
    return client.post(url, data={"csrf_token": found[1], **fields})
