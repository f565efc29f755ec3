"""Reading the audit log: a page of entries in words, one entry whole, a table of many, the root recomputed, the stages replayed."""

from webapp.acts.entries_shown import EntryRow
from webapp.services.ledger.entry import EntryView, entry_bytes, payload_bytes, show_entry
from webapp.services.ledger.filters import Filters
from webapp.services.ledger.listing import PAGE, LedgerView, show_ledger
from webapp.services.ledger.table import table_lines
from webapp.services.ledger.whole import check_log, count_entries, replay_stages

__all__ = [
    "PAGE",
    "EntryRow",
    "EntryView",
    "Filters",
    "LedgerView",
    "check_log",
    "count_entries",
    "entry_bytes",
    "payload_bytes",
    "replay_stages",
    "show_entry",
    "show_ledger",
    "table_lines",
]
