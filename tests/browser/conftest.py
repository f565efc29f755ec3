"""A real browser against a real server in this process: only the clock is the test's, because waiting times last hours."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.serving import make_server

from tests.conftest import required
from tests.people import PASSWORD
from tests.web.client import code_for
from webapp.adapters.outside import Outside
from webapp.web.app import create_app

CANDIDATES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Any]:
    """A running browser; skipped with the command that installs one where there is none.

    It ends with this folder: its driver keeps an event loop running in this thread, and the tests of the worker start their own.
    """
    path = os.environ.get("TEST_BROWSER") or next(filter(None, map(shutil.which, CANDIDATES)), None)
    if path is None:
        message = "browser tests need a browser: apt-get install chromium, or set TEST_BROWSER"
        (pytest.fail if required("browser") else pytest.skip)(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass(frozen=True)
class Site:
    """A served house and its browser."""

    url: str
    browser: Any
    outside: Outside

    def sign_in(self, name: str, width: int = 1280) -> Any:
        """A page of a browser of one's own, signed in as this person."""
        context = self.browser.new_context(viewport={"width": width, "height": 900}, base_url=self.url)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto("/sign-in")
        page.get_by_label("Mail address").fill(f"{name}@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        code = code_for(self.outside, f"{name}@example.org")
        if code:
            page.get_by_label("One-time code").fill(code)
            page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{self.url}/")
        return page


@pytest.fixture
def site(outside: Outside, chromium: Any) -> Iterator[Site]:
    """The house of this test, served on a free port of the loopback address."""
    server = make_server("127.0.0.1", 0, create_app(outside), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", chromium, outside)
    server.shutdown()
    thread.join()
