"""A models table, and surroundings that neither wait nor guess."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pytest

from webapp.adapters.llm.gateway import Models, Surroundings
from webapp.adapters.llm.models_file import ModelTable, models_of

PRICE = {"valid_from": "2026-01-01", "input_microusd_per_million": 1_000_000, "output_microusd_per_million": 2_000_000}
COMMON = {"region": "us", "baa": False, "prices": [PRICE], "rpm": 60, "tpm": 100_000, "timeout_seconds": 2}
KEY = "sk-secret-0123456789"


@dataclass
class Quiet:
    """Surroundings whose clock moves only by the waits that were asked for."""

    clock: float = 0.0
    waits: list[float] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=lambda: {"SOME_API_KEY": KEY})

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock += seconds

    def around(self) -> Surroundings:
        return Surroundings(
            secret_of=self.secrets.get,
            today=lambda: date(2026, 11, 23),
            monotonic=lambda: self.clock,
            sleep=self.sleep,
            chance=lambda: 0.0,
        )


def table(api_base: str | None = None, regions: list[str] | None = None, **changed: object) -> ModelTable:
    vendor = {
        "name": "vendor-1",
        "provider": "openai",
        "litellm_name": "openai/vendor-1",
        "api_key_env": "SOME_API_KEY",
    }
    local = {
        "name": "local-1",
        "provider": "house",
        "litellm_name": "openai/local-1",
        "api_base": "http://127.0.0.1:9/v1",
    }
    offline = {
        "name": "offline-clinical-1",
        "provider": "offline",
        "litellm_name": "formulary-offline/offline-clinical-1",
        "offline": True,
    }
    rows = [{**COMMON, **vendor, "api_base": api_base, **changed}, {**COMMON, **local}, {**COMMON, **offline}]
    return models_of({"models": rows, **({"allowed_regions": regions} if regions else {})}, "models.yaml")


@pytest.fixture
def quiet() -> Quiet:
    return Quiet()


@pytest.fixture
def models(quiet: Quiet) -> Models:
    return Models(table(), quiet.around())
