"""What applications report back about calls and problems; one row per call, content only as the masker left it."""

from webapp.services.interactions.alerting import tell_all
from webapp.services.interactions.problems import LONGEST_PROBLEM, report_problem
from webapp.services.interactions.reading import (
    BOUNDS,
    FIELDS,
    LARGEST_NUMBER,
    LONGEST,
    OUTCOMES,
    REQUIRED,
    Report,
    read_report,
)
from webapp.services.interactions.showing import AlertView, ReportsView, answer_alert, open_alerts, show_reports
from webapp.services.interactions.storing import MOST_EVENTS, Received, report

__all__ = [
    "BOUNDS",
    "FIELDS",
    "LARGEST_NUMBER",
    "LONGEST",
    "LONGEST_PROBLEM",
    "MOST_EVENTS",
    "OUTCOMES",
    "REQUIRED",
    "AlertView",
    "Received",
    "Report",
    "ReportsView",
    "answer_alert",
    "open_alerts",
    "read_report",
    "report",
    "report_problem",
    "show_reports",
    "tell_all",
]
