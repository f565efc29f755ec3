"""Evaluation: a run asks models, scores their answers and says what the change does to the cases. Stage ``evaluation``."""

from webapp.services.evaluation.case_view import CaseView, show_case
from webapp.services.evaluation.deciding import ask_exception, decide_finding, open_case, show_opened
from webapp.services.evaluation.estimating import estimate_change
from webapp.services.evaluation.exporting import export_run
from webapp.services.evaluation.running import execute_run, fail_run
from webapp.services.evaluation.scoring import make_checks_ready
from webapp.services.evaluation.settling import settle, settle_all
from webapp.services.evaluation.views import EvaluationView, show_evaluation

__all__ = [
    "CaseView",
    "EvaluationView",
    "ask_exception",
    "decide_finding",
    "estimate_change",
    "execute_run",
    "export_run",
    "fail_run",
    "make_checks_ready",
    "open_case",
    "settle",
    "settle_all",
    "show_case",
    "show_evaluation",
    "show_opened",
]
