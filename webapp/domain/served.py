"""What an application runs of a release, and its digest, which the release's attestation names.

Whoever holds only what delivery answers, a release's attestation and the service's key can check with it that one is the other's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from webapp.domain.prompts.prompt_file import PromptFile
from webapp.domain.record.canonical import sha256_hex


def served_contents(number: int, sha256: str, file: PromptFile, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What an application runs: version, model, fallbacks, parameters, messages, and what staff do instead."""
    return {
        "version": {"number": number, "label": file.label, "sha256": sha256},
        "model": manifest["model"],
        "fallbacks": list(manifest["fallbacks"]),
        "parameters": dict(file.parameters),
        "messages": [
            {"role": "system", "content": file.system_prompt},
            {"role": "user", "content": file.user_template},
        ],
        "downtime_text": manifest["texts"]["downtime"],
    }


def served_sha256(contents: Mapping[str, Any]) -> str:
    """The digest: SHA-256 of the JSON with sorted keys, no spaces, UTF-8 as it stands; numbers as they are served, 0.2 as 0.2."""
    text = json.dumps(contents, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return sha256_hex(text.encode())
