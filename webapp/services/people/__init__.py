"""People: who is here, what they may do, and how they come and go. Every act of these rooms enters the audit log.

What must not live here: signing in (``sessions``) and what people write of themselves (``profile``).
"""

from webapp.acts.resets import ENROL_HOURS, NOBODY_CONFIRMS
from webapp.services.people.coming_and_going import deactivate, reactivate
from webapp.services.people.credentials import confirm_credentials
from webapp.services.people.factor_resets import (
    ResetView,
    ask_to_confirm_reset,
    confirm_reset,
    reset_factors,
    show_reset,
    who_would_confirm,
)
from webapp.services.people.inviting import Invited, Invitee, invite, join, renew_invitation, show_invitation
from webapp.services.people.reading import AccessView, PersonView, list_people, show_access, show_person
from webapp.services.people.role_confirmations import GrantView, ask_to_confirm_role, confirm_role, show_grant
from webapp.services.people.roles import grant_role, revoke_role

__all__ = [
    "ENROL_HOURS",
    "NOBODY_CONFIRMS",
    "AccessView",
    "GrantView",
    "Invited",
    "Invitee",
    "PersonView",
    "ResetView",
    "ask_to_confirm_reset",
    "ask_to_confirm_role",
    "confirm_credentials",
    "confirm_reset",
    "confirm_role",
    "deactivate",
    "grant_role",
    "invite",
    "join",
    "list_people",
    "reactivate",
    "renew_invitation",
    "reset_factors",
    "revoke_role",
    "show_access",
    "show_grant",
    "show_invitation",
    "show_person",
    "show_reset",
    "who_would_confirm",
]
