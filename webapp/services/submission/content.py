"""What a revision holds beside its bytes: class, test set, model, plan, texts; from the submission, the file, or before.

What must not live here: the stored bytes themselves (``storing``).
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.acts.class_floor import class_floor
from webapp.acts.live_answers import can_be_asked
from webapp.acts.revisions import Content, content_of
from webapp.acts.suites import grown_version, store_suite
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Prompt, Revision, SuiteRow, Version
from webapp.domain.prompts.faults import Fault, Faults
from webapp.domain.prompts.lint import unknown_variables
from webapp.domain.prompts.suite import Suite, read_suite
from webapp.domain.prompts.template import template_values
from webapp.domain.workflow import Actor, RiskClass
from webapp.domain.workflow.evidence import LONGEST_CHANGES
from webapp.errors import InvalidInput, NotFound
from webapp.services.submission.plans import choose_plan
from webapp.services.submission.reading import ReadSubmission
from webapp.services.submission.storing import live_revision

PURPOSE = {
    "changes": "write what changes for patients and clinicians.",
    "intended_use": "write the intended use.",
    "not_for": "write what it is not for.",
    "downtime_text": "write what staff do while it is not available (downtime text).",
}


def choose_class(session: Session, prompt: Prompt, read: ReadSubmission, present: str | None = None) -> RiskClass:
    """The class of the change. ``present`` is the class it has already: a file alone never lowers that."""
    stated = read.asked_class if present else read.stated_class
    chosen = stated or RiskClass(present or prompt.risk_class)
    if present and stated is None and read.stated_class is not None:
        chosen = max(chosen, read.stated_class, key=lambda risk_class: risk_class.rank)
    floor = class_floor(session, prompt)
    if floor is not None and chosen.rank < floor.rank:
        raise InvalidInput(
            f"The prompt's class is {prompt.risk_class}; an informaticist and a physician can lower it, a submission cannot.",
            code="lowers_class",
        )
    return chosen


def make_content(
    outside: Outside,
    session: Session,
    actor: Actor,
    prompt: Prompt,
    version: Version,
    read: ReadSubmission,
    risk_class: RiskClass,
    *,
    before: Revision | None = None,
    keeps_plan: bool = False,
) -> Content:
    """The content of the next revision. ``before`` is the change's present revision, else the live one is inherited from.

    ``keeps_plan``: the plan of ``before`` stands unless another was handed in.
    """
    earlier = before or live_revision(session, prompt)
    old = content_of(earlier) if earlier else None
    texts = _texts(read, risk_class, old, is_revision=before is not None)
    suite = _suite(outside, session, actor, read, old, grows=before is None)
    return Content(
        version_id=version.id,
        suite_sha256=suite.sha256,
        model=_model(outside, read, old, is_phi=suite.contains_phi),
        fallbacks=usable_fallbacks(outside, read),
        plan=choose_plan(outside, session, prompt, read.given.plan, risk_class, before if keeps_plan else None),
        **texts,
    )


def usable_fallbacks(outside: Outside, read: ReadSubmission) -> tuple[str, ...]:
    """The named fallback models that can be asked here, in order; unknown ones of the request are InvalidInput."""
    for name in read.given.fallbacks:
        _known_model(outside, name)
    return tuple(name for name in _named_fallbacks(read) if can_be_asked(outside, name))


def fallback_warnings(outside: Outside, read: ReadSubmission) -> tuple[str, ...]:
    """A sentence about fallback models that cannot be asked here, and so are left out."""
    usable = usable_fallbacks(outside, read)
    left_out = [name for name in _named_fallbacks(read) if name not in usable]
    if not left_out:
        return ()
    return (f"Left out: {', '.join(left_out)}. A fallback model joins a release only with a complete run of its own.",)


def _named_fallbacks(read: ReadSubmission) -> tuple[str, ...]:
    return tuple(read.given.fallbacks or read.file.fallbacks)


def _texts(read: ReadSubmission, risk_class: RiskClass, old: Content | None, *, is_revision: bool) -> dict[str, str]:
    """The first of submission, file and earlier revision that says anything; what changes is inherited by revisions only."""
    texts = {}
    for name in PURPOSE:
        inherited = getattr(old, name) if old and (name != "changes" or is_revision) else ""
        texts[name] = str(getattr(read.given, name) or getattr(read.file, name) or inherited).strip()
    faults = Faults()
    for name, sentence in PURPOSE.items():
        is_needed = name != "downtime_text" or risk_class is not RiskClass.ADMINISTRATIVE
        if is_needed and not texts[name]:
            faults.add(Fault("the submission", name, sentence))
    if len(texts["changes"]) > LONGEST_CHANGES:
        sentence = f"at most {LONGEST_CHANGES} characters, please; this has {len(texts['changes'])}."
        faults.add(Fault("the submission", "changes", sentence))
    faults.raise_if_any()
    return texts


def _suite(
    outside: Outside, session: Session, actor: Actor, read: ReadSubmission, old: Content | None, *, grows: bool
) -> SuiteRow:
    """The test set: the one handed in, a stored one named by digest, or the earlier one; it gives every variable a value.

    ``grows``: the earlier one is taken with the cases that were made from failures since.
    """
    if read.suite is not None:
        _refuse_missing_inputs(read, read.suite)
        return store_suite(outside, session, actor, read.suite, contains_phi=read.given.suite_contains_phi)
    digest = read.given.suite_digest or (old.suite_sha256 if old else None)
    row = session.get(SuiteRow, digest or "")
    if row is None:
        sentence = "Hand in a test set (evaluation/test-cases.jsonl) or name a stored one by its digest."
        raise InvalidInput(sentence, code="no_suite")
    if grows and not read.given.suite_digest:
        row = grown_version(session, row)
    _refuse_missing_inputs(read, read_suite(row.content, "the stored test set", name=row.name))
    return row


def _refuse_missing_inputs(read: ReadSubmission, suite: Suite) -> None:
    missing = unknown_variables(read.file, set.intersection(*(set(template_values(case)) for case in suite.cases)))
    if missing:
        names = ", ".join("{" + name + "}" for name in missing)
        raise InvalidInput(
            f"The template uses {names}, which not every case of the test set gives a value for; add it to the inputs.",
            code="unknown_variable",
        )


def _known_model(outside: Outside, name: str) -> None:
    try:
        fact = outside.models.fact(name)
    except NotFound as error:
        raise InvalidInput(error.sentence, code=error.code) from None
    if fact.closed_because:
        raise InvalidInput(fact.closed_because, code="model_closed")
    if fact.retired:
        raise InvalidInput(f"{name} was retired by its vendor on {fact.retires_on}; choose another model.")


def _model(outside: Outside, read: ReadSubmission, old: Content | None, *, is_phi: bool) -> str:
    """The model asked for, or the earlier one, or the first compatible one that is configured."""
    name = _chosen_model(outside, read, old)
    if is_phi and not outside.models.fact(name).may_receive_phi:
        raise InvalidInput(
            f"{name} may not receive patient data (no business associate agreement), and this test set holds some; choose another model.",
            code="model_closed",
        )
    return name


def _chosen_model(outside: Outside, read: ReadSubmission, old: Content | None) -> str:
    compatible = read.file.model_compatibility
    asked = read.given.model or read.file.model
    if asked is not None:
        _known_model(outside, asked)
        if asked not in compatible:
            raise InvalidInput(f"{asked} is not in the file's model_compatibility ({', '.join(compatible)}).")
        return asked
    usable = {fact.name for fact in outside.models.facts() if fact.closed_because is None and not fact.retired}
    if old is not None and old.model in compatible and old.model in usable:
        return old.model
    chosen = next((name for name in compatible if name in usable), None)
    if chosen is None:
        raise InvalidInput(f"None of the compatible models is configured here: {', '.join(compatible)}.")
    return chosen
