"""Turning a request into a submission: JSON fields, a file as text, or a YAML body with its words in the query.

What must not live here: routes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any

from flask import request

from webapp.domain.prompts.prompt_file import read_prompt
from webapp.domain.prompts.serialise import serialise_prompt
from webapp.errors import InvalidInput
from webapp.services.submission import Submission

YAML_TYPES = frozenset({"text/yaml", "text/x-yaml", "application/yaml", "application/x-yaml"})
WORDS = ("title", "risk_class", "changes", "intended_use", "not_for", "downtime_text", "model")
QUERY = frozenset({*WORDS, "prompt", "suite", "suite_contains_phi", "contributor", "expected_digest"})
_DIGEST = re.compile(r"[0-9a-f]{64}")


def is_yaml() -> bool:
    """Is the body a prompt file itself?"""
    return request.mimetype in YAML_TYPES


def submission_of_query() -> Submission:
    """The body is the prompt file, kept byte for byte; everything else stands in the query."""
    query = request.args
    unknown = sorted(set(query) - QUERY)
    if unknown:
        raise InvalidInput(f"There is no query field {', '.join(unknown)[:200]}; known are {', '.join(sorted(QUERY))}.")
    phi = query.get("suite_contains_phi", "false")
    if phi not in ("true", "false"):
        raise InvalidInput("suite_contains_phi is true or false.")
    return Submission(
        prompt=request.get_data(),
        source="the body",
        prompt_name=query.get("prompt"),
        **{name: query[name] for name in WORDS if name in query},  # type: ignore[arg-type]
        **_suite(query.get("suite"), phi == "true"),
        contributors=[parseaddr(person) for person in query.getlist("contributor")],
    )


def submission_of_body(body: Mapping[str, Any]) -> Submission:
    """The submission that a checked body describes."""
    return Submission(
        prompt=_prompt_bytes(body),
        source="version" if body.get("file") is None else "file",
        prompt_name=body.get("prompt"),
        **{name: body[name] for name in WORDS if body.get(name)},
        **_suite(body.get("suite"), bool(body.get("suite_contains_phi"))),
        fallbacks=body.get("fallbacks") or (),
        plan=body.get("plan"),
        contributors=[(row.get("name", ""), row["email"]) for row in body.get("contributors") or ()],
    )


def suite_bytes(suite: str | list[Any]) -> bytes:
    """The cases as JSON lines."""
    if isinstance(suite, str):
        return suite.encode("utf-8", "surrogatepass")
    return b"".join(json.dumps(row, ensure_ascii=True).encode() + b"\n" for row in suite)


def _prompt_bytes(body: Mapping[str, Any]) -> bytes:
    version, file = body.get("version"), body.get("file")
    if (version is None) == (file is None):
        raise InvalidInput("Send either version (the fields of the prompt file) or file (the prompt file as text).")
    if file is not None:
        return str(file).encode()
    fields = dict(version or {})
    if body.get("prompt"):
        fields.setdefault("name", body["prompt"])
    read_prompt(fields, "version")  # so that faults are named by the field that was sent
    return serialise_prompt(fields)


def _suite(suite: str | list[Any] | None, contains_phi: bool) -> dict[str, Any]:
    if suite is None:
        return {"suite_contains_phi": contains_phi}
    if isinstance(suite, str) and _DIGEST.fullmatch(suite):
        return {"suite_digest": suite}
    return {"suite": suite_bytes(suite), "suite_contains_phi": contains_phi}
