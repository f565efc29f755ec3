"""The record of one change for a committee: what changes, difference, evidence, exceptions, comments, signatures, rollout, audit.

What quotes cases of patient data or of a hold-out stays out, as in a bundle without case text. Each part is said again from what is
stored; the evidence is the bundle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from webapp.acts.audit_facts import audit_facts, grades_by_sample
from webapp.acts.comments_shown import CommentShown, comments_of
from webapp.acts.comparing import compare_with_live
from webapp.acts.display import counts_said, display_document
from webapp.acts.entries_shown import entry_shown
from webapp.acts.signatures_shown import SignatureShown, signatures_of
from webapp.acts.situation import Case, load_change, read_situation
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf, LivePeriod, Release, Rollout, Run, Signature, SuiteRow
from webapp.domain.evaluation.judging import NOT_ASKED
from webapp.domain.plan import read_plan
from webapp.domain.post_audit import final_grade, is_failure
from webapp.domain.prompts.difference import TextDifference
from webapp.domain.record.dossier import EVIDENCE, Dossier, Grid, Lines, Section, Words, digest_prefix
from webapp.domain.record.levels import LEVEL_WORDS
from webapp.domain.verdict import Verdict, words_for
from webapp.domain.workflow import Actor
from webapp.domain.workflow.stages import STAGE_WORDS, Stage
from webapp.errors import Conflict

GUARDED = "The test set holds patient data or is a hold-out: what quotes its cases stands in the bundle only, for who may read it."
TEXTS = (("System prompt", "system_prompt"), ("User template", "user_template"))


def dossier_of(outside: Outside, session: Session, change_id: str, reader: Actor) -> Dossier:
    """The record of this change as it is stored now; Conflict where nothing was ever submitted."""
    case = load_change(session, change_id)
    if case.revision is None:
        raise Conflict("Nothing was submitted for this change yet, so there is no record to print.")
    display = display_document(session, case)
    situation = read_situation(outside, session, case, reader)
    is_guarded = _is_guarded(session, case)
    signatures = signatures_of(outside, session, change_id)
    return Dossier(
        title=f"Record of a change: {case.prompt.name}",
        foot=f"{outside.settings.organisation} · {case.change.id} · {EVIDENCE}",
        sections=(
            _about(outside, case, display),
            Section("What changes", tuple(_intent(display))),
            Section("Difference to what is live", tuple(_difference(session, case))),
            Section("Evidence", tuple(_evidence(case, display, is_guarded=is_guarded))),
            Section("Exceptions", (_exceptions(display),)),
            Section("Comments", tuple(_comments(comments_of(session, case, situation)))),
            Section("Signatures", tuple(_signatures(signatures))),
            Section("Rollout", tuple(_rollout(session, change_id))),
            Section("Follow-up audit", tuple(_audit(session, change_id))),
            Section("Every entry of the audit log about this change", (_entries(session, change_id, reader),)),
            _how_to_check(change_id),
        ),
    )


def _about(outside: Outside, case: Case, display: dict[str, Any]) -> Section:
    manifest = case.change.manifest_sha256
    rows = (
        ("Change", f"{case.change.title} ({case.change.id}), revision {case.change.revision}"),
        ("Prompt", f"{case.prompt.name}, version {display['prompt']['version']} ({display['prompt']['label']})"),
        ("Risk class", case.change.risk_class.replace("_", " ")),
        ("Stage", f"{STAGE_WORDS[Stage(case.change.stage)]}, since {_at(case.change.stage_since)}"),
        ("Release contents", manifest or "none yet: the evaluation has not finished"),
        ("Printed", f"{_at(outside.now())} for {outside.settings.organisation}"),
    )
    return Section("This record", (Words(EVIDENCE, is_strong=True), Grid(("", ""), rows, (22, 78))))


def _intent(display: dict[str, Any]) -> Iterator[Words]:
    for title, name in (
        ("For patients and clinicians", "changes"),
        ("Intended use", "intended_use"),
        ("Not for", "not_for"),
        ("When it is down", "downtime"),
    ):
        yield Words(title, is_strong=True)
        yield Words(display[name] or "Nothing was written.")


def _difference(session: Session, case: Case) -> Iterator[Words | Grid | Lines]:
    compared = compare_with_live(session, case)
    live = f"Against {compared.old_words}" if compared.old else "Nothing is live yet"
    yield Words(f"{live}; the new version is {compared.new.number} ({compared.new.label}).")
    if compared.fields:
        rows = tuple(
            (field.name.replace("_", " "), _stated(field.old), _stated(field.new)) for field in compared.fields
        )
        yield Grid(("Field", "Live", "New"), rows, (24, 38, 38))
    for title, name in TEXTS:
        yield Words(title, is_strong=True)
        yield Lines(tuple(_lines(getattr(compared.difference, name))) or ((" ", "(empty)"),))


def _stated(value: object) -> str:
    return (
        "not stated" if value is None else ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    )


def _lines(difference: TextDifference) -> Iterator[tuple[str, str]]:
    for row in difference.rows:
        old, new = ("".join(text for text, _ in side) for side in (row.old_segments, row.new_segments))
        if row.kind == "same":
            yield " ", new
            continue
        if row.old_line is not None:
            yield "-", old
        if row.new_line is not None:
            yield "+", new


def _evidence(case: Case, display: dict[str, Any], *, is_guarded: bool) -> Iterator[Words | Grid]:
    if case.run is None or not display["measures"]:
        yield Words("No evaluation of this revision has finished.")
        return
    yield Words(f"Run {case.run.number} ({case.run.id}), verdict {case.run.verdict}. {counts_said(display)}")
    rows = tuple((one["words"], _verdict(one), one["sentence"]) for one in display["measures"])
    yield Grid(("Measure", "Verdict", "In words"), rows, (25, 15, 60))
    if is_guarded:
        yield Words(GUARDED)
    yield Words("Worst cases", is_strong=True)
    worst = tuple(
        (one["case"], one["category"], "" if is_guarded else one["sentence"]) for one in display["worst_cases"]
    )
    yield Grid(("Case", "Category", "What is worse"), worst, (25, 15, 60)) if worst else Words("None is listed.")
    yield Words("Dangerous answers", is_strong=True)
    found = tuple(
        (one["case"], "" if is_guarded else one["sentence"], f"{one['decision'] or 'open'}: {one['reason'] or ''}")
        for one in display["findings"]
    )
    yield Grid(("Case", "Finding", "Decision"), found, (20, 45, 35)) if found else Words("None was found.")


def _verdict(measure: dict[str, Any]) -> str:
    """Its verdict in the words of the screens; a measure that is only watched has none."""
    if measure["verdict"] == NOT_ASKED:
        return "Not judged"
    return words_for(Verdict(measure["verdict"]), measure.get("cases_needed"))


def _exceptions(display: dict[str, Any]) -> Words | Grid:
    rows = tuple((one["measure"], one["reason"], one["ends_on"]) for one in display["exceptions"])
    return Grid(("Measure", "Reason", "Until"), rows, (25, 60, 15)) if rows else Words("No exception was asked for.")


def _comments(comments: Iterable[CommentShown]) -> Iterator[Words]:
    for one in comments:
        place = f" on {one.anchor}" if one.anchor else ""
        yield Words(
            f"{one.author}, {_at(one.at)}: {one.kind.replace('_', ' ')}{place}. {one.resolved or 'Open'}.",
            is_strong=True,
        )
        yield Words(one.text)
        for answer in one.answers:
            yield Words(f"{answer.author}, {_at(answer.at)}: {answer.text}")
    if not comments:
        yield Words("Nobody wrote a comment.")


def _signatures(signatures: tuple[SignatureShown, ...]) -> Iterator[Words | Grid]:
    """Name, date and time, meaning, digest prefix and validity, wherever a signature is printed (21 CFR 11.50)."""
    if not signatures:
        yield Words("Nobody signed anything of this change yet.")
        return
    rows = tuple(
        (
            "\n".join(filter(None, (one.name, ", ".join(filter(None, (one.title, one.credentials))), one.role))),
            _at(one.at),
            f"{one.meaning}\n{LEVEL_WORDS[one.level]}",
            f"contents {digest_prefix(one.digest)}\nenvelope {digest_prefix(one.envelope_sha256)}\n{one.entry or 'no entry yet'}",
            one.validity,
        )
        for one in signatures
    )
    yield Grid(("Who", "When", "Meaning and level", "Digests", "Validity"), rows, (17, 16, 24, 29, 14))
    for one in signatures:
        if one.sentence:
            yield Words(f"{one.name}, {one.meaning}: {one.sentence}")


def _rollout(session: Session, change_id: str) -> Iterator[Words | Grid]:
    rollout = session.scalar(select(Rollout).where(Rollout.change_id == change_id))
    if rollout is None:
        yield Words("It was not rolled out.")
        return
    plan = read_plan(rollout.plan)
    ended = f", ended {_at(rollout.ended_at)}" if rollout.ended_at else ""
    state = rollout.state.replace("_", " ")
    yield Words(
        f"Started {_at(rollout.started_at)}{ended}; {state}, step {rollout.step_index + 1} of {len(plan.steps)}."
    )
    rows = tuple(
        (str(number), "everyone" if step.serves_everyone else f"{step.share_basis_points / 100:g} % of units ({step.unit})",
         f"{step.bake_seconds / 3600:g} h, {step.min_units} units", ", ".join(word.replace("_", " ") for word in step.guardrails))
        for number, step in enumerate(plan.steps, 1)
    )  # fmt: skip
    yield Grid(("Step", "Who gets it", "Waits at least", "Safety limits"), rows, (8, 32, 25, 35))


def _audit(session: Session, change_id: str) -> Iterator[Words]:
    facts = audit_facts(session, change_id)
    if not facts.sampled:
        yield Words("No answer was sampled.")
        return
    yield Words(
        f"{facts.sampled} answers were sampled; {facts.ungraded} grades are missing, {facts.open_disagreements} disagreements are open."
    )
    if facts.ungraded or facts.open_disagreements:
        yield Words("Grades are not printed while the audit is blind.")
        return
    grades = list(grades_by_sample(session, change_id).values())
    accurate = sum(bool((final := final_grade(of_one)) and final.is_accurate) for of_one in grades)
    failures = sum(is_failure(of_one) for of_one in grades)
    yield Words(f"Accurate: {accurate} of {len(grades)}. Wrong, or able to harm: {failures}.")


def _entries(session: Session, change_id: str, reader: Actor) -> Grid:
    parts: dict[str, Any] = {
        "run": select(Run.id).where(Run.change_id == change_id),
        "signature": select(Signature.id).where(Signature.change_id == change_id),
        "release": select(Release.id).where(Release.change_id == change_id),
    }
    of_parts = [and_(Leaf.entity_type == kind, Leaf.entity_id.in_(query)) for kind, query in parts.items()]
    live = (
        select(LivePeriod.entry_seq)
        .join(Release, Release.id == LivePeriod.release_id)
        .where(Release.change_id == change_id)
    )
    is_own = and_(Leaf.entity_type == "change", Leaf.entity_id == change_id)
    query = select(Leaf).where(or_(is_own, Leaf.seq.in_(live), *of_parts))
    leaves = session.scalars(query.order_by(Leaf.seq)).all()
    rows = tuple((str(leaf.seq), _at(leaf.at), entry_shown(session, reader, leaf).sentence) for leaf in leaves)
    return Grid(("Entry", "When", "What"), rows, (9, 21, 70))


def _how_to_check(change_id: str) -> Section:
    return Section(
        "How to check it",
        (
            Words(
                f"Export the change (formulary export --change {change_id} -o bundle.zip) and verify the bundle on another machine:"
            ),
            Words("python3 verify.py bundle.zip --key KEY --prior-checkpoint FILE", is_strong=True),
            Words(
                "KEY is the line of the key card. The digests above are those of files in the bundle: signatures/ and payloads/."
            ),
        ),
    )


def _is_guarded(session: Session, case: Case) -> bool:
    query = select(SuiteRow.sha256).where(
        SuiteRow.sha256.in_(select(Run.suite_sha256).where(Run.change_id == case.change.id)),
        SuiteRow.contains_phi | SuiteRow.is_held_out,
    )
    return session.scalars(query.limit(1)).first() is not None


def _at(moment: datetime) -> str:
    return f"{moment:%-d %B %Y %H:%M:%S} UTC"
