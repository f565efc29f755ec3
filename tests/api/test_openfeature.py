"""The official OpenFeature SDK with its OFREP provider against the delivery process and the web application, over a socket."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagEvaluationDetails

from tests import rollouts as r
from tests.api.test_delivery import create_looking_app
from tests.api.test_ofrep import stop
from tests.conftest import Staff
from tests.listening import listen
from webapp.adapters.outside import Outside
from webapp.web.app import create_app

EXAMPLE = Path(__file__).resolve().parents[2] / "docs/examples/with_openfeature.py"
DEFAULT: dict[str, Any] = {"downtime_text": "Ours."}


@pytest.fixture
def forgetful() -> Iterator[None]:
    """The SDK keeps its provider for a whole process: no test leaves one behind."""
    yield
    api.clear_providers()


def connect(url: str, token: str) -> OpenFeatureClient:
    """A client of the SDK, set up as its users do."""
    api.set_provider(OFREPProvider(url, headers_factory=lambda: {"Authorization": f"Bearer {token}"}))
    return api.get_client()


def ask(client: OpenFeatureClient, unit: str, key: str = r.NAME) -> FlagEvaluationDetails[Any]:
    return client.get_object_details(key, DEFAULT, EvaluationContext(unit, {"site": "North", "age": 71}))


@pytest.mark.usefixtures("forgetful")
@pytest.mark.parametrize("make_app", [create_looking_app, create_app], ids=["delivery", "web"])
def test_the_sdk_gets_either_version_the_downtime_text_and_every_error(
    make_app: Callable[[Outside], Flask], outside: Outside, staff: Staff
) -> None:
    change_id = r.second(outside, staff)
    token, other = r.token(outside, staff), r.token(outside, staff, scopes=("report",))
    units = {"candidate": next(r.inside_units(outside, change_id)), "live": next(r.outside_units(outside, change_id))}
    with listen(make_app(outside)) as server:
        client = connect(server.url, token)
        for variant, unit in units.items():
            found = ask(client, unit)
            assert (found.variant, found.reason, found.error_code) == (variant, "SPLIT", None)
            assert found.value["decision_id"] == found.flag_metadata["decision_id"]
            assert r.report(outside, staff, str(found.flag_metadata["decision_id"])).accepted == 1
        assert client.get_string_details(r.NAME, "", EvaluationContext("u")).error_code == ErrorCode.TYPE_MISMATCH
        assert client.get_object_details(r.NAME, DEFAULT).value["version"]["label"] == "1.0"
        assert ask(client, "u", key="no-such-prompt").error_code == ErrorCode.FLAG_NOT_FOUND
        assert ask(client, "u" * 201).error_code == ErrorCode.INVALID_CONTEXT
        stop(outside, r.NAME)
        stopped = ask(client, "u")
        assert (stopped.reason, stopped.variant, stopped.error_code) == ("DISABLED", "downtime", None)
        assert stopped.value == {"prompt": r.NAME, "downtime_text": "Write the note by hand.", "code": "stopped"}
        for wrong, words in (("pf_" + "A" * 43, "unauthorized"), (other, "forbidden")):
            refused = ask(connect(server.url, wrong), "u")
            assert (refused.error_code, refused.error_message) == (ErrorCode.GENERAL, words)
            assert refused.value == DEFAULT
    assert ask(client, "u").error_code == ErrorCode.GENERAL, "a killed server is an error, and no exception"


@pytest.mark.usefixtures("forgetful")
def test_the_example_of_the_documentation_runs(outside: Outside, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    r.started(outside, staff, r.DIRECT)
    monkeypatch.setenv("FORMULARY_TOKEN", r.token(outside, staff))
    with listen(create_looking_app(outside)) as server:
        monkeypatch.setenv("FORMULARY_URL", server.url)
        summarise = runpy.run_path(str(EXAMPLE))["summarise"]

        def call_model(model: str, messages: list[dict[str, str]], **parameters: object) -> str:
            return f"{model}: {messages[1]['content']}"

        assert summarise("e-1", "Takes metformin.", call_model) == "offline-clinical-1: Summarize:\nTakes metformin.\n"
        stop(outside, r.NAME)
        assert summarise("e-1", "Takes metformin.", call_model) == "Write the note by hand."
    assert "cannot be asked" in summarise("e-1", "Takes metformin.", call_model)
