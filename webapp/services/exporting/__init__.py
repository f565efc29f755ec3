"""Exporting the record: a signed bundle that an outsider verifies without this software (21 CFR 11.10(b), (c))."""

from webapp.services.exporting.asking import EXPORT_JOB, Wanted, ask_again, ask_for_export
from webapp.services.exporting.reading import ExportsView, ExportView, export_file, list_exports
from webapp.services.exporting.tidying import tidy
from webapp.services.exporting.work import execute_export, export_here, fail_export

__all__ = [
    "EXPORT_JOB",
    "ExportView",
    "ExportsView",
    "Wanted",
    "ask_again",
    "ask_for_export",
    "execute_export",
    "export_file",
    "export_here",
    "fail_export",
    "list_exports",
    "tidy",
]
