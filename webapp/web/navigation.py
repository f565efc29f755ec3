"""The links on top of every page: only to pages that this person may read."""

from __future__ import annotations

from flask import current_app, request, url_for
from flask_login import current_user

from webapp.domain.workflow.grants import Right, may

LINKS: tuple[tuple[str, str, Right | None], ...] = (
    ("Inbox", "inbox.show", Right.READ_CHANGES),
    ("Changes", "changes.index", Right.READ_CHANGES),
    ("Submit", "submission.new", Right.SUBMIT_CHANGE),
    ("Prompts", "prompts.index", Right.READ_PROMPTS),
    ("Reports", "reports.index", Right.READ_REPORTS),
    ("Test sets", "suites.index", Right.READ_SUITES),
    ("Audit log", "ledger.index", Right.READ_LEDGER),
    ("Exports", "exports.index", Right.EXPORT_RECORD),
    ("Retention", "retention.index", Right.READ_RETENTION),
    ("People", "people.index", Right.READ_PEOPLE),
    ("Tokens", "tokens.index", Right.MANAGE_OWN_TOKENS),
    ("Policy", "policy.show", Right.READ_POLICY),
    ("Profile", "profile.show", Right.MANAGE_OWN_PROFILE),
)
RECORD_LINKS: tuple[tuple[str, str, Right], ...] = (
    ("Entries", "ledger.index", Right.READ_LEDGER),
    ("What was live", "live_at.show", Right.READ_LEDGER),
    ("People and roles", "people_then.show", Right.READ_PEOPLE),
    ("Reviews", "trail.show", Right.READ_LEDGER),
)
OF_A_CHANGE = frozenset({"change", "evaluation", "review", "signoff", "rollout", "post_audit", "submission"})


def navigation() -> list[tuple[str, str, bool]]:
    """(label, address, is this page) for the signed-in person; nothing for a stranger."""
    if not current_user.is_authenticated:
        return []
    roles, here = current_user.actor.roles, _here()
    links = [link for link in LINKS if link[1] == "profile.show"] if current_user.actor.enrols_only else LINKS
    return [
        (label, url_for(endpoint), endpoint == here)
        for label, endpoint, right in links
        if endpoint in current_app.view_functions and (right is None or may(roles, right))
    ]


def record_links() -> list[tuple[str, str]]:
    """(label, endpoint) of the pages of the record that this person may read."""
    roles = current_user.actor.roles if current_user.is_authenticated else frozenset()
    return [(label, endpoint) for label, endpoint, right in RECORD_LINKS if may(roles, right)]


def home_url() -> str:
    """The first page of this person; the sign-in page when nobody is signed in."""
    links = navigation()
    return links[0][1] if links else url_for("session.sign_in")


def _here() -> str:
    """The endpoint whose link is marked as the present place; pages below it count."""
    endpoint, room = request.endpoint or "", request.blueprint or ""
    if endpoint == "submission.new":
        return endpoint
    if room in OF_A_CHANGE:
        return "changes.index"
    if room in ("staffing", "confirming"):
        return "people.index"
    if any(known == endpoint or known.split(".")[0] == room for _, known, _ in RECORD_LINKS):
        return "ledger.index"
    return next((known for _, known, _ in LINKS if known.split(".")[0] == room), "")
