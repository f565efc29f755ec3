"""Decision ids: what was served to whom, authenticated, so that a report can be believed without a row for every request.

What must not live here: the key; a MAC function is passed in.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from webapp.errors import InvalidInput

Mac = Callable[[bytes], str]
PARTS = 6


@dataclass(frozen=True)
class Decision:
    """One decision. ``arm``: live or candidate. ``step`` is the rollout's step, or -1 outside a rollout."""

    release_id: str
    arm: str
    step: int
    unit_hash: str
    at_epoch: int

    def to_id(self, mac: Mac) -> str:
        """The decision as an opaque text that only this server can have made."""
        body = self._body()
        return f"{body}.{mac(body.encode())}"

    def _body(self) -> str:
        return f"dec_{self.release_id}.{self.arm}.{self.step}.{self.unit_hash}.{self.at_epoch}"


def read_decision(decision_id: str, mac: Mac) -> Decision:
    """The decision that ``to_id`` wrote; InvalidInput when it was not made here or was changed."""
    parts = decision_id.split(".") if len(decision_id) <= 200 else []
    if len(parts) == PARTS and parts[0].startswith("dec_"):
        body = ".".join(parts[:-1])
        if hmac.compare_digest(mac(body.encode()).encode(), parts[-1].encode()):
            return Decision(parts[0][4:], parts[1], int(parts[2]), parts[3], int(parts[4]))
    raise InvalidInput("This decision id was not made here.", code="unknown_decision")


def unit_hash(unit_id: str, salt: str) -> str:
    """A keyed short form of a unit id, so that reports never carry the id itself."""
    return hashlib.sha256(f"{salt}:{unit_id}".encode()).hexdigest()[:16]
