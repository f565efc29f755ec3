"""The client against the delivery process over a socket, with its own threads, and against one that was killed."""

from __future__ import annotations

import runpy
import threading
from collections.abc import Iterator
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from formulary_client import Client, CutOff
from tests import rollouts as r
from tests.adapters.llm.test_transport import Vendor
from tests.client.ward import Ward
from tests.conftest import Clock, Staff
from tests.listening import Listening, listen
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Interaction

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs/examples"


@pytest.fixture
def listening(outside: Outside, staff: Staff, ward: Ward) -> Iterator[Listening]:
    """The delivery process on a port of its own while version 1.0 serves everyone."""
    r.started(outside, staff, r.DIRECT)
    ward.look()
    with listen(ward.line.app) as server:
        yield server


def make_client(ward: Ward, url: str) -> Client:
    """A client as applications make it, but for the clock."""
    keys = [ward.outside.keyring.service.public.hex()]
    return Client(url, ward.token, keys, folder=ward.folder, now=lambda: ward.outside.now().timestamp())


def test_the_example_of_the_documentation_runs(
    outside: Outside, ward: Ward, listening: Listening, vendor: Vendor, litellm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, said in {
        "URL": listening.url,
        "TOKEN": ward.token,
        "KEYS": outside.keyring.service.public.hex(),
        "FOLDER": str(ward.folder),
    }.items():
        monkeypatch.setenv(f"FORMULARY_{name}", said)
    monkeypatch.setattr(Client, "__init__", partialmethod(Client.__init__, now=lambda: outside.now().timestamp()))
    monkeypatch.setattr(litellm, "model_alias_map", {"offline-clinical-1": "openai/asked-1"})
    monkeypatch.setattr(litellm, "api_base", vendor.address)
    monkeypatch.setattr(litellm, "api_key", "sk-none")
    reported = heard_of(monkeypatch)
    example = runpy.run_path(str(EXAMPLES / "summarise.py"))
    assert example["summarise"]("encounter-1", "Takes {metformin}.") == "hi"
    assert vendor.seen[0]["body"]["messages"][1]["content"] == "Summarize:\nTakes {metformin}.\n"
    assert reported.wait(10)
    example["client"].close()
    with outside.database.reading() as session:
        stored = session.scalars(select(Interaction)).one()
    assert (stored.model, stored.response_text, stored.tokens_out) == ("vendor-1", "hi", 2)


def heard_of(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set once a call was reported: litellm does it in a thread of its own."""
    reported, plain = threading.Event(), Client.report

    def report(client: Client, *told: Any, **fields: Any) -> None:
        plain(client, *told, **fields)
        reported.set()

    monkeypatch.setattr(Client, "report", report)
    return reported


def test_the_documentation_shows_the_examples_as_they_are() -> None:
    shown = (ROOT / "docs/client.md").read_text(encoding="utf-8")
    assert f"```python\n{(EXAMPLES / 'summarise.py').read_text(encoding='utf-8')}```" in shown
    assert "(examples/with_openfeature.py)" in shown


def test_the_clients_own_threads_fetch_and_report(outside: Outside, ward: Ward, listening: Listening) -> None:
    with make_client(ward, listening.url) as client:
        found = client.resolve(r.NAME, unit="encounter-1")
        client.report(found, model=found.model, response=r.ANSWER)
    assert found.version["label"] == "1.0"
    with outside.database.reading() as session:
        assert session.scalars(select(Interaction.model)).all() == ["offline-clinical-1"]


def test_against_a_killed_server_the_copy_serves_until_its_time_is_over(
    ward: Ward, listening: Listening, clock: Clock
) -> None:
    make_client(ward, listening.url).close()
    listening.kill()
    with make_client(ward, listening.url) as client:
        found = client.resolve(r.NAME, unit="encounter-1")
        client.report(found, model=found.model)
        assert not client.poll()
        clock.forward(days=1, seconds=1)
        with pytest.raises(CutOff):
            client.resolve(r.NAME, unit="encounter-1")
    assert len(list((ward.folder / "reports").iterdir())) == 1
