"""Decision ids: what was served to whom, authenticated, so that a report can be believed without a row for every request.

What must not live here: the key; a MAC function is passed in.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

from webapp.errors import InvalidInput

Mac = Callable[[bytes], str]
PARTS = 6
MADE_HERE, MADE_BY_APPLICATION = "dec_", "loc_"
UNIT_HASH_DIGITS = 16


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
        return f"{MADE_HERE}{self.release_id}.{self.arm}.{self.step}.{self.unit_hash}.{self.at_epoch}"


def read_decision(decision_id: str, mac: Mac) -> Decision:
    """The decision that ``to_id`` wrote, or that an application made under our grant; InvalidInput for anything else."""
    parts = decision_id.split(".") if len(decision_id) <= 200 else []
    if len(parts) == PARTS and _is_ours(parts, mac):
        return Decision(parts[0][4:], parts[1], int(parts[2]), parts[3], int(parts[4]))
    raise InvalidInput("This decision id was not made here.", code="unknown_decision")


def grant_of(release_id: str, arm: str, step: int, mac: Mac) -> str:
    """With this an application that holds a snapshot writes ids for decisions of its own: for this release, arm and step only.

    Such an id is ``loc_RELEASE.ARM.STEP.UNIT_HASH.SECONDS.GRANT``; that the release was offered so is ours, unit and time are its word.
    """
    return mac(f"{MADE_BY_APPLICATION}{release_id}.{arm}.{step}".encode())


def _is_ours(parts: list[str], mac: Mac) -> bool:
    """The last part authenticates all others, or the first three of an id that an application made."""
    if parts[0].startswith(MADE_HERE):
        return hmac.compare_digest(mac(".".join(parts[:-1]).encode()).encode(), parts[-1].encode())
    is_read = parts[0].startswith(MADE_BY_APPLICATION) and re.fullmatch("-?[0-9]{1,4}", parts[2]) is not None
    is_whole = re.fullmatch(f"[0-9a-f]{{{UNIT_HASH_DIGITS}}}", parts[3]) and re.fullmatch("[0-9]{1,11}", parts[4])
    if not is_read or not is_whole:
        return False
    granted = mac(".".join(parts[:3]).encode())
    return hmac.compare_digest(granted.encode(), parts[-1].encode())


def unit_hash(unit_id: str, salt: str) -> str:
    """A keyed short form of a unit id, so that reports never carry the id itself."""
    return hashlib.sha256(f"{salt}:{unit_id}".encode()).hexdigest()[:UNIT_HASH_DIGITS]
