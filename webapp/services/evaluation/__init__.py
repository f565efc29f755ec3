"""Evaluation: a run asks models, scores their answers and says what the change does to the cases. Stage ``evaluation``."""

from webapp.services.evaluation.running import execute_run, fail_run
from webapp.services.evaluation.settling import settle, settle_all

__all__ = ["execute_run", "fail_run", "settle", "settle_all"]
