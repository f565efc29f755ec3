"""A change as a document: where it stands, what is open to whom, what blocks, who is asked next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.actors import SYSTEM
from webapp.acts.clock import Stopped, stopped_clock, stopped_clocks
from webapp.acts.results import open_result
from webapp.acts.showing import signed_so_far
from webapp.acts.signatures_shown import role_stated
from webapp.acts.situation import Case, load_change, read_situation
from webapp.acts.suites import suite_summary
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Person, Prompt, Release, Run, Signature, SuiteRow, Version
from webapp.domain.record.leaf import timestamp
from webapp.domain.workflow import MOVES, Actor, Offer, Role, Situation, Stage, offers
from webapp.domain.workflow.stages import ROLE_WORDS, STAGE_WORDS
from webapp.errors import InvalidInput
from webapp.services.catalogue.pages import PageAsked, page_of

ONWARD = {
    Stage.EVALUATION: ("evaluated",),
    Stage.REVIEW: ("approve", "approve_for_rollout"),
    Stage.SIGNOFF: ("sign",),
}
ABOUT_ONE_PERSON = frozenset({"needs_session", "checklist", "unopened_cases", "credentials", "role", "by_policy"})
ASKED: dict[Stage, frozenset[Role]] = {
    Stage.DRAFT: frozenset({Role.AUTHOR}),
    Stage.EVALUATION: frozenset({Role.AUTHOR}),
    Stage.REVIEW: frozenset({Role.INFORMATICIST}),
    Stage.SIGNOFF: frozenset({Role.PHYSICIAN}),
    Stage.ROLLOUT: frozenset({Role.INFORMATICIST}),
    Stage.POST_AUDIT: frozenset({Role.INFORMATICIST, Role.PHYSICIAN}),
}


def list_changes(
    outside: Outside,
    actor: Actor,
    asked: PageAsked,
    *,
    stage: str | None = None,
    prompt: str | None = None,
    only: Sequence[str] = (),
) -> dict[str, Any]:
    """A page of changes, newest first; ``stage`` and ``prompt`` narrow it, ``only`` names the prompts of a limited token."""
    del actor  # every role and every reading token sees all changes
    query = select(Change, Prompt.name).join(Prompt, Prompt.id == Change.prompt_id)
    if stage:
        if stage not in list(Stage):
            raise InvalidInput(f"stage is one of {', '.join(Stage)}.")
        query = query.where(Change.stage == stage)
    if prompt:
        query = query.where(Prompt.name == prompt)
    if only:
        query = query.where(Prompt.name.in_(only))
    if asked.cursor:
        query = query.where(Change.id < asked.cursor)
    with outside.database.reading() as session:
        rows = session.execute(query.order_by(Change.id.desc()).limit(asked.limit + 1)).all()
        stopped = stopped_clocks(session, [change.id for change, _ in rows])
    return page_of("changes", [_row(outside, change, name, stopped.get(change.id)) for change, name in rows], asked)


def show_change(outside: Outside, actor: Actor, change_id: str) -> dict[str, Any]:
    """One change as this actor meets it; NotFound when there is none."""
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        situation = read_situation(outside, session, case, actor)
        return {
            **_row(outside, case.change, case.prompt.name, stopped_clock(session, change_id)),
            "manifest": case.change.manifest_sha256,
            **_content(session, case),
            "live": _live(session, case.prompt),
            "run": run_document(case.run) if case.run else None,
            "verdicts": _verdicts(session, case),
            "signatures": _signatures(session, change_id),
            "signed_so_far": signed_so_far(session, case.change),
            "moves": [_offer(offer) for offer in offers(situation)],
            "blocks": list(_blocks(outside, session, case)),
            "asked_next": _asked_next(session, situation),
        }


def links_of(outside: Outside, change_id: str) -> dict[str, str]:
    """Where the change can be read: page and documents, as full addresses."""
    base = outside.settings.base_url
    return {
        "self": f"{base}/api/v1/changes/{change_id}",
        "evaluation": f"{base}/api/v1/changes/{change_id}/evaluation",
        "page": f"{base}/changes/{change_id}",
    }


def run_document(run: Run) -> dict[str, Any]:
    """A run with its progress."""
    return {
        "id": run.id,
        "number": run.number,
        "revision": run.revision,
        "state": run.state,
        "purpose": run.purpose,
        "model": run.candidate_model,
        "verdict": run.verdict,
        "failure": run.failure,
        "planned_calls": run.planned_calls,
        "done_calls": run.done_calls,
        "offline": run.is_offline,
        "cost_microusd": run.cost_microusd,
        "queued_at": timestamp(run.queued_at),
        "started_at": timestamp(run.started_at) if run.started_at else None,
        "concluded_at": timestamp(run.concluded_at) if run.concluded_at else None,
    }


def _row(outside: Outside, change: Change, prompt: str, stopped: Stopped | None) -> dict[str, Any]:
    return {
        "id": change.id,
        "prompt": prompt,
        "title": change.title,
        "stage": change.stage,
        "revision": change.revision,
        "digest": change.digest,
        "risk_class": change.risk_class,
        "opened_at": timestamp(change.opened_at),
        "stage_since": timestamp(change.stage_since),
        "due_at": timestamp(change.due_at) if change.due_at else None,
        "clock_stopped_since": timestamp(stopped.since) if stopped else None,
        "links": links_of(outside, change.id),
    }


def _content(session: Session, case: Case) -> dict[str, Any]:
    revision = case.revision
    if revision is None:
        return {}
    version = session.get_one(Version, revision.version_id)
    suite = session.get(SuiteRow, revision.suite_sha256 or "")
    return {
        "version": {"number": version.number, "label": version.label, "sha256": version.sha256},
        "model": revision.model,
        "suite": None if suite is None else suite_summary(suite),
        "plan": revision.plan,
        "changes": case.changes_text,
        "intended_use": revision.intended_use,
        "not_for": revision.not_for,
        "downtime_text": revision.downtime_text,
    }


def _live(session: Session, prompt: Prompt) -> dict[str, Any] | None:
    release = session.get(Release, prompt.live_release_id or "")
    if release is None:
        return None
    version = session.get_one(Version, release.version_id)
    return {"release": release.id, "version": version.number, "label": version.label}


def _verdicts(session: Session, case: Case) -> list[dict[str, Any]]:
    """Each measure of the newest run with its verdict; empty until a run is complete."""
    measures = open_result(session, case.run).get("measures", ()) if case.run else ()
    names = ("measure", "words", "primary", "verdict", "sentence")
    return [{name: measure.get(name) for name in names} for measure in measures]


def _signatures(session: Session, change_id: str) -> list[dict[str, Any]]:
    query = select(Signature).where(Signature.change_id == change_id).order_by(Signature.signed_at, Signature.id)
    return [
        {
            "id": row.id,
            "move": row.move,
            "meaning": row.meaning,
            "signer": row.signer_name,
            "title": row.signer_title,
            "credentials": row.signer_credentials,
            "role": row.signer_role,
            "role_held": vars(role_stated(session, row.envelope_sha256)),
            "revision": row.revision,
            "subject": row.subject_sha256,
            "sentence": row.sentence,
            "level": row.level,
            "signed_at": timestamp(row.signed_at),
            "entry": row.entry_seq,
            "voided_at": timestamp(row.voided_at) if row.voided_at else None,
            "void_reason": row.void_reason,
        }
        for row in session.scalars(query)
    ]


def _offer(offer: Offer) -> dict[str, Any]:
    return {
        "name": offer.move.name,
        "label": offer.move.label,
        "open": offer.is_open,
        "signed_as": offer.move.meaning,
        "level": offer.level if offer.move.meaning else None,
        "refusals": [{"code": refusal.code, "sentence": refusal.sentence} for refusal in offer.refusals],
    }


def _blocks(outside: Outside, session: Session, case: Case) -> tuple[str, ...]:
    """What stands before the next stage whoever acts: facts of the change, not of a person."""
    stage = Stage(case.change.stage)
    situation = read_situation(outside, session, case, SYSTEM)
    rows = [move for move in MOVES if move.source is stage and move.name in ONWARD.get(stage, ())]
    if not rows:
        return ()
    found = [[refusal for guard in move.guards if (refusal := guard(situation))] for move in rows]
    return tuple(refusal.sentence for refusal in min(found, key=len) if refusal.code not in ABOUT_ONE_PERSON)


def _asked_next(session: Session, situation: Situation) -> dict[str, Any] | None:
    """Which role is asked, and which people of that role may act: no contributor, at sign-off no reviewer and nobody who signed."""
    if situation.stage not in ASKED:
        return None
    roles = ASKED[situation.stage]
    if situation.stage is Stage.ROLLOUT and situation.rollout.state == "none":
        roles = frozenset({Role.AUTHOR})
    people = session.scalars(select(Person).where(Person.is_active).order_by(Person.name)).all()
    names = [
        person.name
        for person in people
        if {grant.role for grant in person.roles if grant.revoked_at is None} & roles
        and _may_be_asked(person.id, roles, situation)
    ]
    words = " or ".join(sorted(ROLE_WORDS[role] for role in roles))
    return {"stage": situation.stage.value, "stage_words": STAGE_WORDS[situation.stage], "role": words, "people": names}


def _may_be_asked(person_id: str, roles: frozenset[Role], situation: Situation) -> bool:
    if roles == {Role.AUTHOR}:
        return person_id in situation.contributors
    is_reviewer = situation.stage is Stage.SIGNOFF and person_id == situation.reviewer_id
    has_signed = situation.stage is Stage.SIGNOFF and person_id in situation.signer_ids
    return person_id not in situation.contributors and not is_reviewer and not has_signed
