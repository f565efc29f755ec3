"""The workflow as one table: stages, roles, moves, guards; everything that shows or checks a move reads it from here."""

from webapp.domain.workflow.moves import MOVES, Move, find_move, moves_from
from webapp.domain.workflow.offers import Offer, fitting_row, offers, refusals_of, role_too_new, signing_actor
from webapp.domain.workflow.situation import Actor, Situation
from webapp.domain.workflow.stages import ENDED, RiskClass, Role, Stage

__all__ = [
    "ENDED",
    "MOVES",
    "Actor",
    "Move",
    "Offer",
    "RiskClass",
    "Role",
    "Situation",
    "Stage",
    "find_move",
    "fitting_row",
    "moves_from",
    "offers",
    "refusals_of",
    "role_too_new",
    "signing_actor",
]
