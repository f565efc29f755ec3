"""Reading the formulary as documents: what programs are told of changes, evaluations and prompts.

What must not live here: anything that writes.
"""

from webapp.services.catalogue.changes import list_changes, show_change
from webapp.services.catalogue.evaluations import show_evaluation
from webapp.services.catalogue.prompts import list_prompts, show_live, show_prompt, show_version

__all__ = [
    "list_changes",
    "list_prompts",
    "show_change",
    "show_evaluation",
    "show_live",
    "show_prompt",
    "show_version",
]
