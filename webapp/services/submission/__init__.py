"""Submitting a change: a prompt file becomes an immutable version, a change and a queued evaluation, or nothing at all.

Stage ``draft`` and the moves submit, revise, withdraw, rebase and run_again. What must not live here: reading requests.
"""

from webapp.services.submission.contributors import map_contributor
from webapp.services.submission.moving import TOKEN_MOVES, rebase, refuse_token_move, run_again, submit_again, withdraw
from webapp.services.submission.plans import PlanLook, Suggestion, look_at_plan, name_in, suggest_plan
from webapp.services.submission.reading import Submission
from webapp.services.submission.showing import FormView, Start, show_new, show_revision
from webapp.services.submission.submitting import Submitted, revise, submit

__all__ = [
    "TOKEN_MOVES",
    "FormView",
    "PlanLook",
    "Start",
    "Submission",
    "Submitted",
    "Suggestion",
    "look_at_plan",
    "map_contributor",
    "name_in",
    "rebase",
    "refuse_token_move",
    "revise",
    "run_again",
    "show_new",
    "show_revision",
    "submit",
    "submit_again",
    "suggest_plan",
    "withdraw",
]
