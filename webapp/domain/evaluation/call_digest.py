"""The digest of a call: two calls with the same digest ask the same model the same thing in the same way."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import rfc8785


def call_digest(model: str, messages: Sequence[tuple[str, str]], parameters: Mapping[str, object], repeat: int) -> str:
    """sha256 in hex over the canonical form (RFC 8785) of model, messages, parameters and repeat."""
    asked = {
        "model": model,
        "messages": [[role, text] for role, text in messages],
        "parameters": dict(parameters),
        "repeat": repeat,
    }
    return hashlib.sha256(rfc8785.dumps(asked)).hexdigest()  # type: ignore[arg-type]
