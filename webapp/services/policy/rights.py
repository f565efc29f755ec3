"""Who reads the policy, and who proposes another: asked first by every act of this room."""

from __future__ import annotations

from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import Right, may
from webapp.errors import Refused


def require_reader(actor: Actor) -> None:
    """This person may read the policy."""
    if not may(actor.roles, Right.READ_POLICY):
        raise Refused("Your roles do not let you read the policy; ask an administrator.", code="role")


def require_proposer(actor: Actor) -> None:
    """An administrator, signed in to the web page; never a token, a job or the console."""
    if not actor.is_in_person:
        raise Refused(
            "A policy is proposed by a person signed in to the web page; a token cannot do it.", code="needs_session"
        )
    if not may(actor.roles, Right.PROPOSE_POLICY):
        raise Refused("Policies are proposed by administrators, and you are none.", code="role")
