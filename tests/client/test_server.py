"""The client against the delivery process over a socket, with its own threads, and against one that was killed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from formulary_client import Client, CutOff, DowntimeError
from tests import rollouts as r
from tests.client.ward import Ward
from tests.conftest import Clock, Staff
from tests.listening import Listening, listen
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Interaction

ROOT = Path(__file__).resolve().parents[2]


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


def test_the_example_of_the_documentation_runs(outside: Outside, ward: Ward, listening: Listening) -> None:
    example = (ROOT / "docs/client.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    made: dict[str, Any] = {
        "Client": partial(Client, now=lambda: outside.now().timestamp()),
        "DowntimeError": DowntimeError,
        "URL": listening.url,
        "TOKEN": ward.token,
        "SERVICE_KEY": outside.keyring.service.public.hex(),
        "FOLDER": ward.folder,
        "call_model": lambda model, messages, **parameters: f"{model}: {messages[1]['content']}",
    }
    exec(compile(example, "docs/client.md", "exec"), made)
    answer = made["summarise"]("encounter-1", "Takes metformin.")
    made["client"].close()
    assert answer == "offline-clinical-1: Summarize:\nTakes metformin.\n"
    with outside.database.reading() as session:
        assert session.scalars(select(Interaction.response_text)).all() == [answer]


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
