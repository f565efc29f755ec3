"""A change as its page shows it, and the list of all changes. Reading only."""

from __future__ import annotations

from webapp.services.change.listing import ChangeRow, ChangesPage, list_changes
from webapp.services.change.page import ChangeView, show_change, show_news
from webapp.services.change.timeline import Event

__all__ = ["ChangeRow", "ChangeView", "ChangesPage", "Event", "list_changes", "show_change", "show_news"]
