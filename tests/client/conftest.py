"""An application on a ward, and litellm as it has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.adapters.llm.test_transport import vendor
from tests.client.ward import Ward, make_ward
from tests.conftest import Staff
from webapp.adapters.llm import library
from webapp.adapters.outside import Outside

__all__ = ["vendor"]
LISTS = [
    "callbacks",
    "input_callback",
    "success_callback",
    "failure_callback",
    "_async_success_callback",
    "_async_failure_callback",
]


@pytest.fixture
def litellm(monkeypatch: pytest.MonkeyPatch) -> Any:
    """litellm without loggers, and with texts for those that are added."""
    found = library.litellm()
    for name in LISTS:
        monkeypatch.setattr(found, name, [])
    monkeypatch.setattr(found, "turn_off_message_logging", False)
    return found


@pytest.fixture
def ward(outside: Outside, staff: Staff, tmp_path: Path) -> Ward:
    """The delivery process runs over what the test did before; the application keeps its copies in a folder of its own."""
    return make_ward(outside, staff, tmp_path / "application")
