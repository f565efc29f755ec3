"""When a notary may sign: only a log that holds everything it signed before. The rule, without key, file or socket."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.domain.record.checkpoints import Checkpoint
from webapp.domain.record.merkle import is_consistent
from webapp.errors import Conflict

OTHER_LOG = "other_log"
SHORTER = "log_shorter"
FORKED = "log_forked"
UNPROVEN = "log_unproven"


def require_growth(held: Checkpoint, asked: Checkpoint, proof: Sequence[bytes]) -> None:
    """``asked`` is ``held`` or holds it as a prefix, and ``proof`` shows it (RFC 9162, 2.1.4); Conflict says what is wrong."""
    if asked.origin != held.origin:
        raise Conflict("This notary keeps another log; check FORMULARY_LOG_ORIGIN.", code=OTHER_LOG)
    if asked.size < held.size:
        raise Conflict(
            f"The log has {asked.size} entries, and the notary signed one with {held.size}; nothing is signed.",
            code=SHORTER,
        )
    if asked.size == held.size and asked.root != held.root:
        raise Conflict("The log differs from the one the notary signed at the same size.", code=FORKED)
    if not is_consistent(held.size, asked.size, held.root, asked.root, proof):
        raise Conflict("The log was not shown to continue the one the notary signed.", code=UNPROVEN)
