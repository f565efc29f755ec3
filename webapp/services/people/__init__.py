"""People: who is here, what they may do, and how they come and go. Every act of these rooms enters the audit log.

What must not live here: signing in (``sessions``) and what people write of themselves (``profile``).
"""

from webapp.services.people.coming_and_going import deactivate, reactivate
from webapp.services.people.credentials import confirm_credentials
from webapp.services.people.inviting import Invited, Invitee, invite, join, renew_invitation, show_invitation
from webapp.services.people.reading import PersonView, list_people, show_person
from webapp.services.people.roles import grant_role, revoke_role

__all__ = [
    "Invited",
    "Invitee",
    "PersonView",
    "confirm_credentials",
    "deactivate",
    "grant_role",
    "invite",
    "join",
    "list_people",
    "reactivate",
    "renew_invitation",
    "revoke_role",
    "show_invitation",
    "show_person",
]
