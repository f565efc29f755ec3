"""DSSE envelopes (DSSE v1.0.2) over in-toto Statements (v1).

What must not live here: private keys; a signing function is passed in.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from webapp.domain.record.canonical import canonical

STATEMENT_MEDIA = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"


def pre_authentication_encoding(media: str, payload: bytes) -> bytes:
    """The bytes that are signed (DSSE protocol, PAE)."""
    kind = media.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def statement(subject_name: str, subject_sha256: str, predicate_type: str, predicate: Mapping[str, Any]) -> bytes:
    """The canonical bytes of an in-toto Statement v1 with one subject."""
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": subject_name, "digest": {"sha256": subject_sha256}}],
            "predicateType": predicate_type,
            "predicate": dict(predicate),
        }
    )


def envelope(payload: bytes, keyid: str, sign: Callable[[bytes], bytes], media: str = STATEMENT_MEDIA) -> bytes:
    """The canonical JSON of a DSSE envelope with one signature over ``payload``."""
    signature = sign(pre_authentication_encoding(media, payload))
    return canonical(
        {
            "payloadType": media,
            "payload": base64.b64encode(payload).decode(),
            "signatures": [{"keyid": keyid, "sig": base64.b64encode(signature).decode()}],
        }
    )
