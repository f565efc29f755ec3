"""What applications report back about calls and problems; one row per call, content only as the masker left it."""

from webapp.services.interactions.reading import OUTCOMES, Report, read_report
from webapp.services.interactions.storing import MOST_EVENTS, Received, report, report_problem

__all__ = ["MOST_EVENTS", "OUTCOMES", "Received", "Report", "read_report", "report", "report_problem"]
