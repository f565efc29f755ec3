"""The models file: what it says, and how all its faults come out at once."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from webapp.adapters.llm.models_file import models_of, read_models
from webapp.errors import InvalidInput, NotFound

SHIPPED = Path(__file__).parents[3] / "webapp" / "defaults" / "models.yaml"
PRICE = {"valid_from": "2026-01-01", "input_microusd_per_million": 3_000_000, "output_microusd_per_million": 15_000_000}
GOOD = {
    "name": "model-a",
    "provider": "anthropic",
    "litellm_name": "anthropic/model-a",
    "api_key_env": "SOME_API_KEY",
    "region": "us",
    "baa": False,
    "prices": [PRICE],
    "rpm": 10,
    "tpm": 1000,
    "timeout_seconds": 30,
}


def document(**changes: object) -> dict[str, Any]:
    return {"models": [{**deepcopy(GOOD), **changes}]}


def faults_of(found: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refusal:
        models_of(found, "models.yaml")
    return [(row["field"], row["sentence"]) for row in refusal.value.details["faults"]]


def test_the_shipped_file_names_the_offline_model_first_and_the_guides_models() -> None:
    table = read_models(SHIPPED)
    assert table.names()[0] == "offline-clinical-1"
    assert {"claude-sonnet-4-5-20250929", "gpt-4o", "gemini-2.0-flash", "claude-haiku-4-5-20251001"} <= set(
        table.names()
    )


def test_the_shipped_file_claims_no_agreement_and_bills_nobody_for_the_offline_model() -> None:
    table = read_models(SHIPPED)
    assert not any(entry.baa for entry in table.entries)
    offline = table.entry("offline-clinical-1")
    assert offline.offline
    assert offline.may_receive_phi()
    assert all(price.nominal for price in offline.prices)
    assert not table.entry("gpt-4o").may_receive_phi()


def test_the_price_that_holds_is_the_newest_one_that_has_begun() -> None:
    later = {**PRICE, "valid_from": "2026-07-01", "input_microusd_per_million": 1_000_000}
    entry = models_of(document(prices=[later, PRICE]), "models.yaml").entry("model-a")
    assert entry.price_on(date(2025, 12, 31)) is None
    early, late = entry.price_on(date(2026, 6, 30)), entry.price_on(date(2026, 7, 1))
    assert early is not None and late is not None
    assert (early.input_microusd_per_million, late.input_microusd_per_million) == (3_000_000, 1_000_000)


def test_a_call_costs_whole_micro_dollars_rounded_up() -> None:
    price = models_of(document(), "models.yaml").entry("model-a").prices[0]
    assert price.cost_microusd(1000, 100) == 4500
    assert price.cost_microusd(1, 0) == 3
    assert price.cost_microusd(0, 0) == 0
    cheap = models_of(document(prices=[{**PRICE, "input_microusd_per_million": 1}]), "m").entry("model-a").prices[0]
    assert cheap.cost_microusd(1, 0) == 1


def test_a_model_retires_on_its_day_and_not_before() -> None:
    entry = models_of(document(retires_on="2026-11-30"), "models.yaml").entry("model-a")
    assert not entry.has_retired(date(2026, 11, 29))
    assert entry.has_retired(date(2026, 11, 30))
    assert not models_of(document(), "models.yaml").entry("model-a").has_retired(date(2099, 1, 1))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "two words"),
        ("name", None),
        ("provider", 7),
        ("litellm_name", ""),
        ("api_key_env", "sk-live-this-is-a-key"),
        ("api_base", "ftp://example.org"),
        ("api_base", "https://user:word@example.org/v1"),
        ("api_base", "https://[broken"),
        ("region", None),
        ("baa", "yes"),
        ("baa", None),
        ("offline", 1),
        ("rpm", 0),
        ("rpm", True),
        ("rpm", 1.5),
        ("tpm", "many"),
        ("timeout_seconds", 100_000),
        ("retires_on", "soon"),
        ("retires_on", 20261130),
        ("note", "x" * 301),
        ("prices", []),
        ("prices", {}),
    ],
)
def test_each_field_has_its_fault(field: str, value: object) -> None:
    assert field in {name.removeprefix("models[1].") for name, _ in faults_of(document(**{field: value}))}


def test_all_faults_of_all_models_come_out_at_once_and_the_sentence_counts_them() -> None:
    found = {"models": [{**GOOD, "rpm": 0}, {**GOOD, "tpm": 0, "colour": "red"}], "extra": 1}
    fields = [field for field, _ in faults_of(found)]
    assert {"extra", "models[1].rpm", "models[2].tpm", "models[2].colour", "models[2].name"} == set(fields)
    with pytest.raises(InvalidInput, match=r"models\.yaml, .* \(4 more faults in the file\)"):
        models_of(found, "models.yaml")


@pytest.mark.parametrize("found", [None, [], "models", {"models": None}, {"models": ["x"]}, {"models": [{}]}])
def test_any_other_form_is_a_sentence_and_not_a_crash(found: object) -> None:
    assert faults_of(found)


def test_faults_of_prices_name_the_price() -> None:
    bad = {**PRICE, "output_microusd_per_million": -1, "valid_from": "2026-13-01"}
    fields = {field for field, _ in faults_of(document(prices=[PRICE, bad]))}
    assert fields == {"models[1].prices[2].output_microusd_per_million", "models[1].prices[2].valid_from"}
    assert faults_of(document(prices=[PRICE, PRICE])) == [("models[1].prices", "two prices start on the same day")]


def test_a_key_written_into_the_file_is_refused_without_being_repeated() -> None:
    with pytest.raises(InvalidInput) as refusal:
        models_of(document(api_key_env="sk-live-0123456789"), "models.yaml")
    assert "0123456789" not in f"{refusal.value.sentence}{refusal.value.details}"


def test_a_model_needs_a_key_name_unless_it_is_local_or_offline() -> None:
    assert ("models[1].api_key_env" in dict(faults_of(document(api_key_env=None)))) is True
    assert models_of(document(api_key_env=None, api_base="http://127.0.0.1:8080/v1"), "models.yaml")
    assert models_of(document(api_key_env=None, offline=True), "models.yaml")


def test_an_unknown_model_is_not_found_and_the_known_ones_are_listed() -> None:
    with pytest.raises(NotFound, match="It has: model-a"):
        models_of(document(), "models.yaml").entry("model-b")


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_models(tmp_path / "absent.yaml")
