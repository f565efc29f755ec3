"""The shipped prompts: well-formed, for models we know, and each asking for what its text says."""

from __future__ import annotations

from pathlib import Path

import pytest

from webapp.adapters.llm.models_file import read_models
from webapp.adapters.llm.offline.instructions import Instructions, read_instructions, split_messages
from webapp.adapters.yaml_source import read_yaml
from webapp.domain.prompts.prompt_file import PromptFile, read_prompt

ROOT = Path(__file__).parents[3]
SHIPPED = sorted((ROOT / "prompts").glob("*/v*.yaml"))
WORSE = ROOT / "tests" / "fixtures" / "prompts" / "clinical-summarization-worse.yaml"


def prompt(path: Path) -> PromptFile:
    return read_prompt(read_yaml(path.read_bytes(), path.name), path.name)


def asked(path: Path) -> Instructions:
    read = prompt(path)
    user = read.user_template.replace("{encounter_text}", "Seen today.")
    return read_instructions(split_messages((("system", read.system_prompt), ("user", user)))[0])


def version(name: str, label: str) -> Instructions:
    return asked(ROOT / "prompts" / name / f"v{label}.yaml")


@pytest.mark.parametrize("path", [*SHIPPED, WORSE], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_shipped_prompt_can_be_reviewed_as_it_stands(path: Path) -> None:
    read = prompt(path)
    known = read_models(ROOT / "webapp" / "defaults" / "models.yaml").names()
    assert set(read.model_compatibility) <= set(known)
    assert read.model_compatibility[0] == "offline-clinical-1"
    assert read.variables == ("encounter_text",)
    assert read.user_template.count("{encounter_text}") == 1
    assert read.risk_class == "clinical"
    assert 0 < len(read.changes or "") <= 300
    assert read.intended_use and read.not_for
    assert "clinical systems desk" in (read.downtime_text or "")


def test_the_file_name_is_the_version() -> None:
    assert [path.stem for path in SHIPPED] == [f"v{prompt(path).label}" for path in SHIPPED]


def test_each_summary_prompt_asks_for_more_than_the_one_before() -> None:
    first, second, third = (version("clinical-summarization", label) for label in ("1.0", "1.1", "2.0"))
    assert first.soap and not first.codes
    assert second.codes and not (second.medicines or second.leave_out_identifiers or second.ignore_instructions)
    assert third.headings_named and third.medicines and third.dose and third.route and third.frequency
    assert third.leave_out_identifiers and third.ignore_instructions and third.stopped_apart
    assert third.keep_allergies and third.keep_warnings and third.state_uncertainty


def test_the_shorter_summary_no_longer_asks_for_medicines_and_privacy() -> None:
    short = asked(WORSE)
    assert short.brief and short.codes
    assert not (short.medicines or short.leave_out_identifiers or short.ignore_instructions or short.keep_allergies)


def test_the_second_medicine_prompt_asks_for_what_the_first_leaves_open() -> None:
    first, second = version("medication-extraction", "1.0"), version("medication-extraction", "1.1")
    assert first.medicines and not (first.route or first.frequency or first.stopped_apart)
    assert second.route and second.frequency and second.stopped_apart and second.leave_out_identifiers
