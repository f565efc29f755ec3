"""Handing in a test set on its own, to be named by its digest later."""

from __future__ import annotations

from webapp.adapters.outside import Outside
from webapp.domain.prompts.suite import Suite, read_suite
from webapp.domain.workflow import Actor
from webapp.errors import InvalidInput
from webapp.services.submission.content import keep_suite
from webapp.services.submission.submitting import require_author


def hand_in_suite(outside: Outside, actor: Actor, content: bytes, name: str, *, contains_phi: bool = False) -> Suite:
    """The test set is stored by its digest; InvalidInput lists every bad line and stores nothing."""
    require_author(actor)
    if not name.strip() or len(name) > 200 or not name.isprintable():
        raise InvalidInput("Give the test set a name of at most 200 characters.")
    suite = read_suite(content, "the test set", name=name)
    with outside.database.writing() as session:
        keep_suite(outside, session, actor, suite, contains_phi=contains_phi)
    return suite
