"""What a token is asked for: its scopes, the application's owner and telephone number, the prompts it is for; and who may ask.

What must not live here: making, changing and revoking (``making``), and recognising one at a call (``bearing``).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import Prompt, Token
from webapp.domain.links import check_pattern
from webapp.domain.prompts.kinds import storable
from webapp.domain.record import canonical
from webapp.domain.workflow import Actor, Role
from webapp.domain.workflow.grants import Right, may
from webapp.errors import InvalidInput, Refused

LONGEST_DAYS = 365
LONGEST_NAME = 80
LONGEST_OWNER = 120
LONGEST_PHONE = 40
SCOPES_OF: dict[Role, tuple[str, ...]] = {
    Role.AUTHOR: ("submit", "read"),
    Role.ADMINISTRATOR: ("deliver", "report", "read"),
}
SCOPE_WORDS = {
    "submit": "submit, revise and withdraw changes; import test sets",
    "read": "read changes, evaluations, prompts and test sets",
    "deliver": "fetch released prompts for an application",
    "report": "report calls and problems of an application",
}
OF_APPLICATIONS = frozenset({"deliver", "report"})


@dataclass(frozen=True)
class TokenRequest:
    """What a new token is to be. ``owner``: whom to ask about the application; empty ``prompts`` mean all prompts."""

    name: str
    scopes: tuple[str, ...]
    prompts: tuple[str, ...]
    owner: str
    phone: str
    days: int


@dataclass(frozen=True)
class TokenChange:
    """What a token is to say from now on. ``seen`` is the digest of what the page showed; ``link`` None leaves the link as it is."""

    owner: str
    phone: str
    prompts: tuple[str, ...]
    seen: str
    link: str | None = None


def scopes_for(roles: Collection[Role]) -> tuple[str, ...]:
    """The scopes that a token of somebody with these roles may have, in a fixed order."""
    allowed = {scope for role in roles for scope in SCOPES_OF.get(role, ())}
    return tuple(scope for scope in SCOPE_WORDS if scope in allowed)


def terms_of(row: Token) -> dict[str, object]:
    """What can be changed of a token, as it is now."""
    return {
        "owner": row.owner_contact,
        "phone": row.owner_phone,
        "prompts": sorted(row.scopes.get("prompts") or ()),
        "link": row.link_pattern,
    }


def digest_of(row: Token) -> str:
    """The digest of ``terms_of``."""
    return canonical.digest_of(canonical.normalised(terms_of(row)))


def check_request(session: Session, actor: Actor, asked: TokenRequest) -> None:
    """The request is whole and within the roles of who asks; InvalidInput or Refused with the reason."""
    check_text(asked.name, LONGEST_NAME, "Name the token by what uses it")
    check_owner(asked.owner, asked.phone)
    if not 1 <= asked.days <= LONGEST_DAYS:
        raise InvalidInput(f"A token lasts 1 to {LONGEST_DAYS} days.")
    if not asked.scopes or len(set(asked.scopes)) != len(asked.scopes):
        raise InvalidInput("Choose what the token may do.")
    beyond = sorted(set(asked.scopes) - set(scopes_for(actor.roles)))
    if beyond:
        raise Refused(
            f"Your roles do not let you make a token for {', '.join(beyond)}; ask an administrator.", code="role"
        )
    check_prompts(session, asked.prompts)


def check_owner(owner: str, phone: str) -> None:
    """Somebody can be asked, and telephoned when delivery has to be stopped everywhere."""
    check_text(owner, LONGEST_OWNER, "Write who owns the application: whom to ask about it")
    check_text(phone, LONGEST_PHONE, "Write a telephone number for the hours when mail is too slow")
    if sum(letter.isdigit() for letter in phone) < 3:
        raise InvalidInput("Write a telephone number with its digits; somebody calls it when a prompt has to stop.")


def check_prompts(session: Session, prompts: Collection[str]) -> None:
    """The formulary has all of these prompts."""
    known = set(session.scalars(select(Prompt.name).where(Prompt.name.in_(prompts)))) if prompts else set()
    unknown = sorted(set(prompts) - known)
    if unknown:
        raise InvalidInput(f"The formulary has no prompt called {', '.join(unknown)[:200]}.")


def check_link(actor: Actor, row: Token, link: str) -> None:
    """The link is a pattern or empty, and an administrator gives it to an application that reports calls."""
    if not administers(actor):
        raise Refused("Only an administrator gives an application its link; ask one.", code="role")
    if link and "report" not in (row.scopes.get("scopes") or ()):
        raise InvalidInput("This token reports no calls, so there is nothing to link.")
    if link:
        check_pattern(link)


def check_text(text: str, longest: int, wanted: str) -> None:
    """Something is written, and not too much."""
    if not 1 <= len(text.strip()) <= longest or not storable(text):
        raise InvalidInput(f"{wanted}, in at most {longest} characters.")


def administers(actor: Actor) -> bool:
    """May this person see and change everybody's tokens?"""
    return may(actor.roles, Right.MANAGE_PEOPLE)


def may_see(actor: Actor, row: Token) -> bool:
    """Is the token this person's own, or everybody's to see?"""
    return row.person_id == actor.id or administers(actor)


def require_right(actor: Actor) -> None:
    """Tokens are made, changed and revoked by people who are signed in, never by another token."""
    if not actor.is_in_person or not may(actor.roles, Right.MANAGE_OWN_TOKENS):
        raise Refused("Your roles do not let you have tokens; ask an administrator.", code="role")
