"""Submitting a change: a prompt file becomes an immutable version, a change and a queued evaluation, or nothing at all.

Stage ``draft`` and the moves submit, revise, withdraw, rebase and run_again. What must not live here: reading requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.perform import Act, perform, perform_in
from webapp.acts.policies import policy_in_force
from webapp.acts.recording import enter
from webapp.acts.revisions import Content, add_revision, content_of, repeat_revision
from webapp.acts.runs import queue_run
from webapp.acts.situation import load_change
from webapp.acts.suites import store_suite
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import (
    Change,
    Contributor,
    MailAlias,
    Person,
    Prompt,
    Release,
    Revision,
    SuiteRow,
    Version,
)
from webapp.adapters.yaml_source import read_yaml
from webapp.domain.plan import read_plan
from webapp.domain.prompts.lint import lint_prompt, unknown_variables
from webapp.domain.prompts.prompt_file import PromptFile, prompt_document, read_prompt
from webapp.domain.prompts.suite import Suite, read_suite
from webapp.domain.prompts.template import placeholders
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.workflow import ENDED, Actor, RiskClass, Role, Stage
from webapp.domain.workflow.evidence import LONGEST_CHANGES, Evidence, Reason
from webapp.errors import Conflict, InvalidInput, Refused


@dataclass(frozen=True)
class Submission:
    """What an author hands in. Texts left empty are taken from the file, then from the live release.

    ``suite``: JSON lines as bytes. ``contributors``: (name, mail address) of git authors and co-authors.
    """

    prompt: bytes
    source: str = "the prompt file"
    suite: bytes | None = None
    suite_digest: str | None = None
    title: str = ""
    risk_class: str | None = None
    changes: str = ""
    intended_use: str = ""
    not_for: str = ""
    downtime_text: str = ""
    model: str | None = None
    fallbacks: Sequence[str] = ()
    plan: Any = None
    contributors: Sequence[tuple[str, str]] = ()
    prompt_name: str | None = None


@dataclass(frozen=True)
class Submitted:
    """Where a submission stands right after it was stored."""

    change_id: str
    stage: str
    revision: int
    digest: str
    run_id: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Read:
    file: PromptFile
    raw: bytes
    suite: Suite | None
    warnings: tuple[str, ...]


def submit(outside: Outside, actor: Actor, submission: Submission) -> Submitted:
    """A new change stands in evaluation with a queued run; InvalidInput or Conflict says what is wrong and stores nothing."""
    _require_author(actor)
    read = _read(submission)
    with outside.database.writing() as session:
        prompt = _register_prompt(outside, session, actor, read.file, submission)
        version = _store_version(outside, session, actor, prompt, read)
        content = _content(outside, session, actor, prompt, version, read, submission)
        change = _open_change(outside, session, actor, prompt, read.file, submission)
        _add_contributors(outside, session, actor, change, submission.contributors)
        session.flush()
        add_revision(outside, session, prompt, change, content, actor.id)
        act = perform_in(outside, session, actor, change.id, "submit", change.digest, Evidence(), effect=_queue)
        return _submitted(session, act, read.warnings)


def revise(outside: Outside, actor: Actor, change_id: str, expected_digest: str, submission: Submission) -> Submitted:
    """The change has a further revision in evaluation, without any approval, and a queued run."""
    _require_author(actor)
    read = _read(submission)

    def store(act: Act) -> None:
        prompt, change = act.case.prompt, act.case.change
        if read.file.name != prompt.name:
            raise InvalidInput(f"This change is for {prompt.name}; the file is for {read.file.name}.")
        version = _store_version(outside, act.session, actor, prompt, read, within=change.id)
        _add_contributors(outside, act.session, actor, change, submission.contributors)
        content = _content(outside, act.session, actor, prompt, version, read, submission, before=act.case.revision)
        _queue_revision(act, add_revision(outside, act.session, prompt, change, content, actor.id))

    act = perform(outside, actor, change_id, "revise", expected_digest, Evidence(), effect=store)
    with outside.database.reading() as session:
        return _submitted(session, act, read.warnings)


def rebase(outside: Outside, actor: Actor, change_id: str, expected_digest: str) -> Act:
    """The same content is compared with what is live now; earlier approvals are void."""

    def store(act: Act) -> None:
        assert act.case.revision is not None
        fresh = repeat_revision(outside, act.session, act.case.prompt, act.case.change, act.case.revision, actor.id)
        _queue_revision(act, fresh)

    return perform(outside, actor, change_id, "rebase", expected_digest, Evidence(), effect=store)


def run_again(outside: Outside, actor: Actor, change_id: str, expected_digest: str) -> Act:
    """The present revision is evaluated once more; every run stays listed."""
    return perform(outside, actor, change_id, "run_again", expected_digest, Evidence(), effect=_queue)


def withdraw(outside: Outside, actor: Actor, change_id: str, expected_digest: str, reason: str) -> Act:
    """The change is withdrawn; its versions and runs stay readable."""
    return perform(outside, actor, change_id, "withdraw", expected_digest, Reason(reason))


def map_contributor(outside: Outside, actor: Actor, change_id: str, contributor_id: str, person_id: str | None) -> None:
    """A git author is this person, or with None nobody here (external); later submissions remember it."""
    with outside.database.writing() as session:
        case = load_change(session, change_id, locked=True)
        row = session.get(Contributor, contributor_id)
        if row is None or row.change_id != case.change.id or row.how != "git":
            raise InvalidInput("This contributor is not part of the change.")
        if Stage(case.change.stage) not in (Stage.DRAFT, Stage.EVALUATION):
            raise Conflict("Contributors are settled before review opens; ask for changes to correct them.")
        if person_id is not None and session.get(Person, person_id) is None:
            raise InvalidInput("Choose a person from the list.")
        row.person_id, row.is_external = person_id, person_id is None
        _remember_alias(outside, session, actor, row.email, person_id)
        enter(
            outside,
            session,
            actor,
            "contributor.mapped",
            ("change", case.change.id, case.change.revision),
            after=("mapped" if person_id else "external", None),
            payload={"email": row.email, "person": person_id},
        )


def _require_author(actor: Actor) -> None:
    if Role.AUTHOR not in actor.roles:
        raise Refused("Submitting needs the role AI team (author); ask an administrator.", code="role")


def _read(submission: Submission) -> _Read:
    """The file and its test set, valid in themselves; nothing is stored when anything is wrong."""
    file = read_prompt(read_yaml(submission.prompt, submission.source), submission.source)
    if submission.prompt_name and submission.prompt_name != file.name:
        raise InvalidInput(f"{submission.source} is for the prompt {file.name}, not for {submission.prompt_name}.")
    found = lint_prompt(file, raw=submission.prompt.decode())
    errors = [finding for finding in found if finding.level == "error"]
    if errors:
        more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
        faults = [{"field": e.field, "line": e.line, "sentence": e.sentence} for e in errors]
        raise InvalidInput(f"{submission.source}: {errors[0].sentence}{more}", details={"faults": faults})
    suite = None
    if submission.suite is not None:
        suite = read_suite(submission.suite, "the test set", name=file.name)
    warnings = tuple(finding.sentence for finding in found if finding.level == "warning")
    return _Read(file, submission.prompt, suite, warnings)


def _register_prompt(
    outside: Outside, session: Session, actor: Actor, file: PromptFile, submission: Submission
) -> Prompt:
    """The prompt's entry in the formulary, made with its first change."""
    prompt = session.scalar(select(Prompt).where(Prompt.name == file.name).with_for_update())
    proposed = _risk_class(submission.risk_class or file.risk_class)
    if prompt is None:
        if proposed is None:
            raise InvalidInput("Propose a risk class: administrative, clinical or high_risk.")
        prompt = Prompt(
            id=outside.new_id("prm"), name=file.name, risk_class=proposed, last_number=0, created_at=outside.now()
        )
        session.add(prompt)
        session.flush()
        enter(outside, session, actor, "prompt.registered", ("prompt", prompt.id, None), after=(proposed, None))
    return prompt


def _risk_class(text: str | None) -> RiskClass | None:
    if text is None or text == "":
        return None
    if text not in list(RiskClass):
        raise InvalidInput("The risk class is administrative, clinical or high_risk.")
    return RiskClass(text)


def _store_version(
    outside: Outside, session: Session, actor: Actor, prompt: Prompt, read: _Read, *, within: str | None = None
) -> Version:
    """The bytes as a version; the same bytes again are the same version, and are refused where they change nothing."""
    sha256 = sha256_hex(read.raw)
    known = session.scalar(select(Version).where(Version.prompt_id == prompt.id, Version.sha256 == sha256))
    _refuse_unchanged(session, prompt, known, within)
    _refuse_used_label(session, prompt, read.file.label, sha256)
    if known is not None:
        return known
    prompt.last_number += 1
    version = Version(
        id=outside.new_id("ver"),
        prompt_id=prompt.id,
        number=prompt.last_number,
        label=read.file.label,
        sha256=sha256,
        content=read.raw,
        fields={**prompt_document(read.file), "placeholders": list(placeholders(read.file.user_template))},
        stored_by=actor.id,
        stored_at=outside.now(),
    )
    session.add(version)
    session.flush()
    enter(outside, session, actor, "version.stored", ("version", version.id, version.number), after=("stored", sha256))
    return version


def _refuse_unchanged(session: Session, prompt: Prompt, known: Version | None, within: str | None) -> None:
    if known is None:
        return
    live = session.get(Release, prompt.live_release_id or "")
    if live is not None and live.version_id == known.id:
        raise Conflict("Nothing changed: these are the bytes that are live now.", code="nothing_changed")
    query = (
        select(Change)
        .join(Revision, (Revision.change_id == Change.id) & (Revision.number == Change.revision))
        .where(Revision.version_id == known.id, Change.stage.not_in([stage.value for stage in ENDED]))
    )
    for other in session.scalars(query):
        if other.id == within:
            raise Conflict("Nothing changed: this is the change's present content.", code="nothing_changed")
        raise Conflict(
            f"Nothing changed: {other.id} already proposes these bytes.",
            code="nothing_changed",
            details={"change": other.id},
        )


def _refuse_used_label(session: Session, prompt: Prompt, label: str, sha256: str) -> None:
    """A label is unique among released versions."""
    query = (
        select(Version.sha256)
        .join(Release, Release.version_id == Version.id)
        .where(Release.prompt_id == prompt.id, Version.label == label, Release.state != "void")
    )
    if any(found != sha256 for found in session.scalars(query)):
        raise Conflict(
            f"Version {label} of {prompt.name} was already released with other content; use a new version.",
            code="label_used",
        )


def _content(
    outside: Outside,
    session: Session,
    actor: Actor,
    prompt: Prompt,
    version: Version,
    read: _Read,
    submission: Submission,
    *,
    before: Revision | None = None,
) -> Content:
    """What the revision holds: from the submission, else the file, else the revision before or the live one."""
    earlier = before or _live_revision(session, prompt)
    old = content_of(earlier) if earlier else None
    file = read.file

    def text(name: str) -> str:
        """The first of submission, file and earlier revision that says anything; what changes is never inherited."""
        inherited = getattr(old, name) if old and (name != "changes" or before) else ""
        return str(getattr(submission, name) or getattr(file, name, None) or inherited).strip()

    if len(text("changes")) > LONGEST_CHANGES:
        raise InvalidInput(f"What changes has at most {LONGEST_CHANGES} characters; this has {len(text('changes'))}.")
    _, policy = policy_in_force(session)
    risk_class = _risk_class(submission.risk_class or file.risk_class) or RiskClass(prompt.risk_class)
    plan = policy.of(risk_class).plan if submission.plan is None else read_plan(submission.plan)
    return Content(
        version_id=version.id,
        suite_sha256=_suite(outside, session, actor, file, read.suite, submission, old),
        model=_model(outside, file, submission, old),
        fallbacks=tuple(submission.fallbacks or file.fallbacks or ()),
        plan=plan.document(),
        changes=text("changes"),
        intended_use=text("intended_use"),
        not_for=text("not_for"),
        downtime_text=text("downtime_text"),
    )


def _live_revision(session: Session, prompt: Prompt) -> Revision | None:
    live = session.get(Release, prompt.live_release_id or "")
    if live is None:
        return None
    query = select(Revision).where(Revision.change_id == live.change_id, Revision.version_id == live.version_id)
    return session.scalars(query.order_by(Revision.number.desc())).first()


def _suite(
    outside: Outside,
    session: Session,
    actor: Actor,
    file: PromptFile,
    suite: Suite | None,
    submission: Submission,
    old: Content | None,
) -> str:
    """The digest of the test set: the one handed in, a stored one named by digest, or the earlier one."""
    if suite is None:
        digest = submission.suite_digest or (old.suite_sha256 if old else None)
        row = session.get(SuiteRow, digest or "")
        if row is None:
            raise InvalidInput("Hand in a test set (evaluation/test-cases.jsonl) or name a stored one by its digest.")
        suite = read_suite(row.content, "the stored test set", name=row.name)
    missing = unknown_variables(file, {name for case in suite.cases for name in case.inputs})
    if missing:
        names = ", ".join("{" + name + "}" for name in missing)
        raise InvalidInput(f"The template uses {names}, which no case of the test set gives a value for.")
    store_suite(outside, session, actor, suite)
    return suite.digest


def _model(outside: Outside, file: PromptFile, submission: Submission, old: Content | None) -> str:
    """The model asked for, or the earlier one, or the first compatible one that is configured."""
    compatible = file.model_compatibility
    asked = submission.model or file.model
    if asked is not None:
        fact = outside.models.fact(asked)
        if asked not in compatible:
            raise InvalidInput(f"{asked} is not in the file's model_compatibility ({', '.join(compatible)}).")
        if fact.closed_because:
            raise InvalidInput(fact.closed_because)
        return asked
    if old is not None and old.model in compatible:
        return old.model
    configured = {fact.name for fact in outside.models.facts() if fact.configured and not fact.retired}
    chosen = next((name for name in compatible if name in configured), None)
    if chosen is None:
        raise InvalidInput(f"None of the compatible models is configured here: {', '.join(compatible)}.")
    return chosen


def _open_change(
    outside: Outside, session: Session, actor: Actor, prompt: Prompt, file: PromptFile, submission: Submission
) -> Change:
    proposed = _risk_class(submission.risk_class or file.risk_class) or RiskClass(prompt.risk_class)
    if prompt.class_confirmed_at is not None and proposed.rank < RiskClass(prompt.risk_class).rank:
        raise InvalidInput(
            f"The prompt's class is {prompt.risk_class}; an informaticist and a physician can lower it, a submission cannot."
        )
    change = Change(
        id=outside.new_id("chg"),
        prompt_id=prompt.id,
        title=(submission.title or f"{file.name} {file.label}")[:200],
        stage=Stage.DRAFT.value,
        risk_class=proposed.value,
        revision=0,
        digest="0" * 64,
        is_first_change=prompt.live_release_id is None and _has_no_release(session, prompt),
        opened_by=actor.id,
        opened_at=outside.now(),
        stage_since=outside.now(),
    )
    session.add(change)
    session.flush()
    enter(outside, session, actor, "change.opened", ("change", change.id, None), after=("draft", None))
    return change


def _has_no_release(session: Session, prompt: Prompt) -> bool:
    return session.scalar(select(Release.id).where(Release.prompt_id == prompt.id).limit(1)) is None


def _add_contributors(
    outside: Outside, session: Session, actor: Actor, change: Change, people: Sequence[tuple[str, str]]
) -> None:
    """The submitter and every git author, over all revisions; a known mail address is mapped at once."""
    submitter = session.get_one(Person, actor.id)
    _add_contributor(outside, session, change, submitter.name, submitter.email, "submitted", submitter.id, False)
    for name, email in people:
        address = email.strip().lower()
        person = session.scalar(select(Person).where(Person.email == address))
        alias = session.scalar(select(MailAlias).where(MailAlias.email == address))
        person_id = person.id if person else (alias.person_id if alias else None)
        is_external = person is None and alias is not None and alias.person_id is None
        _add_contributor(outside, session, change, name[:200], address[:254], "git", person_id, is_external)


def _add_contributor(
    outside: Outside,
    session: Session,
    change: Change,
    name: str,
    email: str,
    how: str,
    person_id: str | None,
    external: bool,
) -> None:
    query = select(Contributor).where(Contributor.change_id == change.id, Contributor.email == email)
    if session.scalar(query) is None:
        session.add(
            Contributor(
                id=outside.new_id("con"),
                change_id=change.id,
                person_id=person_id,
                email=email,
                name=name,
                how=how,
                is_external=external,
                added_at=outside.now(),
            )
        )
        session.flush()


def _remember_alias(outside: Outside, session: Session, actor: Actor, email: str, person_id: str | None) -> None:
    alias = session.scalar(select(MailAlias).where(MailAlias.email == email))
    if alias is None:
        alias = MailAlias(id=outside.new_id("als"), email=email, declared_by=actor.id, declared_at=outside.now())
        session.add(alias)
    alias.person_id, alias.declared_by, alias.declared_at = person_id, actor.id, outside.now()


def _queue(act: Act) -> None:
    revision = load_change(act.session, act.case.change.id).revision
    assert revision is not None
    _queue_revision(act, revision)


def _queue_revision(act: Act, revision: Revision) -> None:
    queue_run(act.outside, act.session, act.actor, act.case.change, revision)


def _submitted(session: Session, act: Act, warnings: tuple[str, ...]) -> Submitted:
    case = load_change(session, act.case.change.id)
    assert case.run is not None
    return Submitted(case.change.id, case.change.stage, case.change.revision, case.change.digest, case.run.id, warnings)
