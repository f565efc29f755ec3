"""A prompt's shelf as JSON and back: what delivery keeps on disk and what applications get as snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from webapp.domain.cohorts import read_cohort
from webapp.domain.plan import read_plan
from webapp.domain.serving import Offered, Rule, Shelf


def shelf_document(shelf: Shelf) -> dict[str, Any]:
    """The shelf for JSON."""
    before = {} if shelf.before is None else {"before": _offered_document(shelf.before)}
    return {
        "name": shelf.name,
        "live": _offered_document(shelf.live),
        "new": _offered_document(shelf.new),
        "rule": None if shelf.rule is None else _rule_document(shelf.rule),
        "downtime_text": shelf.downtime_text,
        "offline_seconds": shelf.offline_seconds,
        **before,
    }


def read_shelf_document(document: Mapping[str, Any]) -> Shelf:
    """The shelf that ``shelf_document`` wrote; KeyError, TypeError, ValueError or InvalidInput for anything else."""
    return Shelf(
        name=document["name"],
        live=_read_offered(document["live"]),
        new=_read_offered(document["new"]),
        rule=None if document["rule"] is None else _read_rule(document["rule"]),
        downtime_text=document["downtime_text"],
        offline_seconds=int(document["offline_seconds"]),
        before=_read_offered(document.get("before")),
    )


def _offered_document(offered: Offered | None) -> dict[str, Any] | None:
    if offered is None:
        return None
    fault = None if offered.fault is None else {"code": offered.fault[0], "sentence": offered.fault[1]}
    return {
        "release_id": offered.release_id,
        "manifest_sha256": offered.manifest_sha256,
        "content": dict(offered.content),
        "fault": fault,
        **({} if offered.only is None else {"only": offered.only.document()}),
    }


def _read_offered(document: Mapping[str, Any] | None) -> Offered | None:
    if document is None:
        return None
    fault = document["fault"]
    return Offered(
        document["release_id"],
        document["manifest_sha256"],
        dict(document["content"]),
        None if fault is None else (fault["code"], fault["sentence"]),
        read_cohort("The restriction", document.get("only")),
    )


def _rule_document(rule: Rule) -> dict[str, Any]:
    return {
        "release_id": rule.release_id,
        "plan": rule.plan.document(),
        "step_index": rule.step_index,
        "salt": rule.salt,
        "serves": rule.serves,
        "watched_at": None if rule.watched_at is None else rule.watched_at.isoformat(),
        "units_in": sorted(rule.units_in),
    }


def _read_rule(document: Mapping[str, Any]) -> Rule:
    watched = document["watched_at"]
    return Rule(
        release_id=document["release_id"],
        plan=read_plan(document["plan"]),
        step_index=int(document["step_index"]),
        salt=document["salt"],
        serves=document["serves"],
        watched_at=None if watched is None else datetime.fromisoformat(watched),
        units_in=frozenset(document["units_in"]),
    )
