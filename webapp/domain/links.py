"""Links to where a call is recorded: an application's pattern with one place for the reference that its reports carry.

Nothing but that place is ever expanded, and the reference is encoded whole. What must not live here: who may set a pattern.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from webapp.errors import InvalidInput

PLACE = "{ref}"
LONGEST_PATTERN = 300
_ALLOWED = re.compile(
    r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?/[A-Za-z0-9._~:/?#@!$&()*+,;=%-]*"
)
_DOTS = frozenset({".", ".."})


def check_pattern(pattern: str) -> None:
    """The pattern is an https address of one host with ``{ref}`` once behind the host; InvalidInput says what is wrong."""
    if len(pattern) > LONGEST_PATTERN:
        raise InvalidInput(f"A link pattern has at most {LONGEST_PATTERN} characters.")
    if not pattern.startswith("https://"):
        raise InvalidInput("A link pattern begins with https://, like https://ehr.example/encounter/{ref}.")
    if pattern.count(PLACE) != 1 or "{" in pattern.replace(PLACE, "") or "}" in pattern.replace(PLACE, ""):
        raise InvalidInput("A link pattern has {ref} once, for the reference, and no other braces.")
    example = pattern.replace(PLACE, "x")
    if not _ALLOWED.fullmatch(example) or PLACE in pattern.split("/", 3)[2] or _has_dots(example):
        raise InvalidInput(
            "A link pattern is a whole address with a plain host name; {ref} stands behind the host, and there are no spaces."
        )


def link_to(pattern: str, reference: str | None) -> str | None:
    """The address of this reference; None without a pattern or a reference, and where the reference would lead elsewhere."""
    if not pattern or not reference:
        return None
    address = pattern.replace(PLACE, quote(reference, safe=""))
    return None if _has_dots(address) else address


def _has_dots(address: str) -> bool:
    """Does a part of the path lead back, as browsers read it? They take an encoded dot for a dot."""
    return any(part.lower().replace("%2e", ".") in _DOTS for part in urlsplit(address).path.split("/"))
