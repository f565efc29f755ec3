"""Reading the audit log: a page of entries in words, one entry whole, a table of many."""

from webapp.acts.entries_shown import EntryRow
from webapp.services.ledger.entry import EntryView, entry_bytes, payload_bytes, show_entry
from webapp.services.ledger.filters import Filters
from webapp.services.ledger.listing import PAGE, LedgerView, show_ledger
from webapp.services.ledger.table import table_lines

__all__ = [
    "PAGE",
    "EntryRow",
    "EntryView",
    "Filters",
    "LedgerView",
    "entry_bytes",
    "payload_bytes",
    "show_entry",
    "show_ledger",
    "table_lines",
]
