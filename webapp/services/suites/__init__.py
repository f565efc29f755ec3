"""Test sets: importing versions, reading them, what one version does to the next, and cases made from failures.

What must not live here: running them (``evaluation``).
"""

from webapp.services.suites.documents import suite_document
from webapp.services.suites.importing import Imported, SuiteGiven, import_suite, may_hold_out
from webapp.services.suites.making import CaseGiven, Failure, MakingView, make_case, show_making
from webapp.services.suites.reading import (
    DifferenceView,
    SuiteCaseView,
    SuiteLine,
    SuiteView,
    list_suites,
    open_suite_case,
    show_difference,
    show_suite,
)

__all__ = [
    "CaseGiven",
    "DifferenceView",
    "Failure",
    "Imported",
    "MakingView",
    "SuiteCaseView",
    "SuiteGiven",
    "SuiteLine",
    "SuiteView",
    "import_suite",
    "list_suites",
    "make_case",
    "may_hold_out",
    "open_suite_case",
    "show_difference",
    "show_making",
    "show_suite",
    "suite_document",
]
