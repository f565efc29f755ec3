"""The leaf of the audit log: exactly the promised fields, at most 16 KiB, only known types, times with a zone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.record.vectors import vectors
from webapp.domain.record.canonical import read_canonical
from webapp.domain.record.kinds import KINDS
from webapp.domain.record.leaf import LARGEST_LEAF_BYTES, Entry, LeafActor, Place, leaf_bytes, timestamp
from webapp.domain.record.merkle import leaf_hash
from webapp.errors import InvalidInput

VECTORS = vectors("leaf")
A, B, C, E, F = (letter * 64 for letter in "abcef")

FULL = Entry(
    type="change.sign",
    actor=LeafActor("per_7", "Dr. Jósefa Lund", ("informaticist", "physician"), "session"),
    entity_type="change",
    entity_id="chg_1",
    entity_version=2,
    before=("signoff", A),
    after=("rollout", B),
    reason="freeze",
    payload=(E, 120, "application/json"),
    attest=(C,),
)
FULL_PLACE = Place(
    origin="log.example/formulary",
    seq=9,
    at=datetime(2026, 2, 3, 4, 5, 6, 789_999, tzinfo=UTC),
    eid="000102030405060708090a0b0c0d0e0f",
    previous=5,
    app_version="1.2.3",
    config_sha256=F,
)
BARE = Entry("log.opened", LeafActor("system", "Prompt Formulary", (), "system"), "log", "log")
BARE_PLACE = replace(
    FULL_PLACE,
    seq=0,
    at=datetime(2026, 1, 1, tzinfo=UTC),
    eid="0f0e0d0c0b0a09080706050403020100",
    previous=None,
)


@pytest.mark.parametrize(("number", "entry", "place"), [(0, FULL, FULL_PLACE), (1, BARE, BARE_PLACE)])
def test_a_leaf_has_the_bytes_and_the_hash_of_its_vector(number: int, entry: Entry, place: Place) -> None:
    vector = VECTORS["leaves"][number]
    assert leaf_bytes(entry, place).decode() == vector["leaf"]
    assert leaf_hash(leaf_bytes(entry, place)).hex() == vector["leaf_hash"]


def test_a_leaf_has_exactly_the_promised_fields() -> None:
    assert json.loads(leaf_bytes(FULL, FULL_PLACE)) == {
        "v": 1,
        "log": "log.example/formulary",
        "seq": 9,
        "ts": "2026-02-03T04:05:06.789Z",
        "eid": "000102030405060708090a0b0c0d0e0f",
        "type": "change.sign",
        "actor": {
            "id": "per_7",
            "name": "Dr. Jósefa Lund",
            "roles": ["informaticist", "physician"],
            "via": "session",
        },
        "entity": {"type": "change", "id": "chg_1", "version": 2},
        "prev": 5,
        "before": {"state": "signoff", "sha256": A},
        "after": {"state": "rollout", "sha256": B},
        "reason": "freeze",
        "payload": {"sha256": E, "len": 120, "media": "application/json"},
        "attest": [C],
        "app": {"version": "1.2.3", "config_sha256": F},
    }


def test_what_is_missing_is_null_and_never_left_out() -> None:
    full, bare = (json.loads(leaf_bytes(*pair)) for pair in ((FULL, FULL_PLACE), (BARE, BARE_PLACE)))
    assert set(bare) == set(full)
    assert [name for name, value in bare.items() if value is None] == ["after", "before", "payload", "prev", "reason"]


def test_a_leaf_is_canonical() -> None:
    content = leaf_bytes(FULL, FULL_PLACE)
    assert read_canonical(content)["seq"] == 9


def _leaf_of_length(length: int) -> bytes:
    """The full leaf, its reason lengthened until the leaf has ``length`` bytes."""
    short = len(leaf_bytes(replace(FULL, reason=""), FULL_PLACE))
    return leaf_bytes(replace(FULL, reason="x" * (length - short)), FULL_PLACE)


def test_a_leaf_of_16_kib_is_the_largest() -> None:
    assert VECTORS["largest_leaf_bytes"] == LARGEST_LEAF_BYTES == 16_384
    assert len(_leaf_of_length(16_384)) == 16_384
    with pytest.raises(InvalidInput, match="16 KiB"):
        _leaf_of_length(16_385)


@pytest.mark.parametrize("kind", ["", "change.approved", "CHANGE.SIGN", "change.sign ", "change.*"])
def test_an_unknown_type_is_refused(kind: str) -> None:
    with pytest.raises(InvalidInput, match="knows no entry"):
        leaf_bytes(replace(FULL, type=kind), FULL_PLACE)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_known_type_can_be_entered_and_is_a_lower_case_pair(kind: str) -> None:
    assert json.loads(leaf_bytes(replace(BARE, type=kind), BARE_PLACE))["type"] == kind
    thing, act = kind.split(".")
    assert thing.replace("_", "").islower() and act.replace("_", "").islower()


def test_a_name_in_another_normal_form_is_refused() -> None:
    actor = replace(FULL.actor, name="Dr. Jo\u0301sefa Lund")
    with pytest.raises(InvalidInput, match="normal form C"):
        leaf_bytes(replace(FULL, actor=actor), FULL_PLACE)


@pytest.mark.parametrize("vector", VECTORS["timestamps"], ids=lambda v: v["time"])
def test_times_are_written_in_utc_to_the_millisecond(vector: dict[str, str]) -> None:
    assert timestamp(datetime.fromisoformat(vector["time"])) == vector["ts"]


def test_a_time_without_zone_is_refused() -> None:
    naive = datetime(2026, 2, 3, 4, 5, 6)  # noqa: DTZ001 - a naive time is the point
    with pytest.raises(ValueError, match="must state its zone"):
        timestamp(naive)
    with pytest.raises(ValueError, match="must state its zone"):
        leaf_bytes(FULL, replace(FULL_PLACE, at=naive))


ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1970, 1, 3), datetime(2200, 1, 1), timezones=ZONES)  # noqa: DTZ001 - bounds are naive


@given(TIMES, TIMES)
def test_the_order_of_written_times_is_the_order_of_times(one: datetime, other: datetime) -> None:
    assert (timestamp(one) < timestamp(other)) <= (one < other)
    written = datetime.fromisoformat(timestamp(one))
    assert timedelta(0) <= one - written < timedelta(milliseconds=1)
