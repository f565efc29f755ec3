"""Further versions of the shipped summary prompt, for the demo's open changes: one edit each, with its own words on what changes."""

from __future__ import annotations

import re

from webapp.settings import PACKAGE

EXAMPLES = PACKAGE.parent / "prompts"


def edited(label: str, sentence: str, changes: str) -> bytes:
    """Version 1.1 with one more sentence in its instructions."""
    return _relabelled(label, changes).replace("user_template: |", f"  {sentence}\nuser_template: |", 1).encode()


def shortened(label: str, changes: str) -> bytes:
    """Version 1.1 without its instructions on codes and numbers, as somebody in a hurry would cut it."""
    head, rest = _relabelled(label, changes).split("system_prompt: |", 1)
    tail = rest[rest.index("parameters:") :]
    short = "system_prompt: |\n  Sum up the text in two sentences.\nuser_template: |\n  {encounter_text}\n"
    return (head + short + tail).encode()


def _relabelled(label: str, changes: str) -> str:
    """Version 1.1 under another label. ``changes`` is one line without quotation marks."""
    text = (EXAMPLES / "clinical-summarization" / "v1.1.yaml").read_text(encoding="utf-8")
    text = text.replace('version: "1.1"', f'version: "{label}"')
    return re.sub(r"(?m)^changes: .*$", f'changes: "{changes}"', text)
