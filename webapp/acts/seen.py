"""What a person saw is what is signed: the page's document is compared with the one that the signature names.

What must not live here: the document itself (``display``).
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.acts.display import display_document
from webapp.acts.perform import Act, Effect
from webapp.acts.situation import Case
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.errors import Stale


def display_digest(session: Session, case: Case) -> str:
    """The digest of what the decision pages state now; a page carries it back with the decision."""
    return sha256_hex(canonical(display_document(session, case)))


def require_seen(seen: str) -> Effect:
    """An effect that refuses (Stale) a signature over anything but what the page with digest ``seen`` showed.

    Comments, findings and exceptions may change under an unchanged digest of the release; the reader must see them.
    """

    def check(act: Act) -> None:
        assert act.signature is not None
        if act.signature.display_sha256 != seen:
            raise Stale("Something on this page changed since you opened it (a comment or a finding); read it again.")

    return check
