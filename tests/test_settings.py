"""Every setting can be set, and stands in docs/settings.md."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from webapp.errors import InvalidInput
from webapp.settings import KNOWN, PREFIX, Settings, read_settings

TOLD = (Path(__file__).resolve().parent.parent / "docs" / "settings.md").read_text(encoding="utf-8")


def test_every_setting_is_a_name_that_the_environment_may_hold() -> None:
    assert {field.name.removeprefix("is_").upper() for field in fields(Settings)} == KNOWN


def test_the_table_of_settings_names_each_and_no_other() -> None:
    named = re.findall(r"`FORMULARY_([A-Z_]+)`", TOLD)
    assert sorted(named) == sorted(KNOWN)


def test_how_often_the_audit_log_is_reviewed_can_be_set() -> None:
    assert read_settings({f"{PREFIX}TRAIL_REVIEW_DAYS": "7"}).trail_review_days == 7


def test_a_misspelt_setting_is_refused() -> None:
    with pytest.raises(InvalidInput, match="FORMULARY_TRAIL_REVIEW_DAY is not a setting"):
        read_settings({f"{PREFIX}TRAIL_REVIEW_DAY": "7"})
