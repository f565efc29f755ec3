"""The line to the server: what is asked, with which token, and its refusals as errors. What must not live here: what is believed."""

from __future__ import annotations

import ssl
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from formulary_client.errors import BY_CODE

ANSWER_SECONDS = 5.0
"""How long connecting and each reading may take."""


class Line:
    """Questions to one server. ``ca_file``: the hospital's own certificate authority, in place of the public ones."""

    def __init__(self, url: str, token: str, ca_file: Path | str | None, transport: httpx.BaseTransport | None) -> None:
        self._make = partial(
            httpx.Client,
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=ANSWER_SECONDS,
            transport=transport,
            trust_env=False,
            verify=True if ca_file is None else ssl.create_default_context(cafile=str(ca_file)),
        )
        self._http = self._make()

    def snapshot(self, etag: str) -> tuple[bytes, str] | None:
        """The snapshot as it came and its ETag; None while it is the one of ``etag`` (empty: it is wanted whole).

        httpx's errors where there is no answer, a DowntimeError where it is a refusal.
        """
        answer = self._http.get("/api/v1/snapshot", headers={"If-None-Match": etag} if etag else {})
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return None
        _require_answered(answer)
        return answer.content, answer.headers.get("ETag", "")

    def report(self, events: list[dict[str, Any]]) -> int:
        """The status that the server answers to these reports."""
        return self._http.post("/api/v1/interactions", json={"events": events}).status_code

    def renew(self) -> None:
        """Connections of its own: those it had belong to the process from which this one was forked."""
        self._http = self._make()

    def close(self) -> None:
        """No connection is open."""
        self._http.close()


def _require_answered(answer: httpx.Response) -> None:
    """It is an answer; the error of its code where it is a refusal, else httpx's."""
    if answer.is_success:
        return
    try:
        refusal = answer.json()["error"]
        kind, sentence = BY_CODE[refusal["code"]], str(refusal["message"])
    except (ValueError, KeyError, TypeError):
        answer.raise_for_status()
        raise httpx.HTTPStatusError("no answer of this kind", request=answer.request, response=answer) from None
    raise kind(sentence)
