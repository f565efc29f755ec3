"""Restricting a live release to sites, departments or applications: a signed act that only narrows, so nothing but a password holds it up.

It is lifted by nothing less than a further release, which goes the whole way. What must not live here: serving (``delivery``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.comparing import version_words
from webapp.acts.reauthentication import Again
from webapp.acts.recording import enter
from webapp.acts.restrictions import (
    RESTRICTED,
    newest_restriction,
    restriction_document,
    restriction_of,
    restriction_sha256,
)
from webapp.acts.sealing import seal_if_possible
from webapp.acts.signed_deeds import Deed, ask_passkey_for, entering_refusals, prove_deed, sign_deed
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Interaction, Manifest, Prompt, Release, Restriction, Signature, Token, Version
from webapp.domain.cohorts import Cohort, read_cohort
from webapp.domain.record.attestations import ATTESTATIONS
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import GRANTS, Right, may
from webapp.errors import Conflict, InvalidInput, NotFound, Stale

MEANING = "restriction of a release"
PARTS = ("sites", "departments", "applications")
LONGEST_REASON = 2_000


@dataclass(frozen=True)
class Restricting:
    """What a form says: the live release by its contents, whom it is left to, by part, and why."""

    manifest_sha256: str
    only: Mapping[str, tuple[str, ...]]
    reason: str


@dataclass(frozen=True)
class RestrictionShown:
    """One restriction of the live release."""

    words: str
    name: str
    at: datetime
    reason: str
    signature_id: str


@dataclass(frozen=True)
class RestrictView:
    """The page. ``live`` None: nothing is live; ``sites`` and ``applications`` were heard of lately."""

    prompt_name: str
    risk_class: str
    live: str | None
    manifest_sha256: str
    acts: tuple[RestrictionShown, ...]
    sites: tuple[str, ...]
    applications: tuple[str, ...]
    downtime_text: str
    may_restrict: bool
    meaning: str
    attestation: str


def show_restricting(outside: Outside, actor: Actor, name: str) -> RestrictView:
    """Whom the live release of this prompt is left to, and the form that leaves it to fewer."""
    with outside.database.reading() as session:
        prompt = _prompt(session, name)
        release = session.get(Release, prompt.live_release_id or "")
        version = None if release is None else session.get(Version, release.version_id)
        return RestrictView(
            prompt_name=prompt.name,
            risk_class=prompt.risk_class,
            live=version_words(version),
            manifest_sha256=release.manifest_sha256 if release else "",
            acts=restrictions_shown(session, release) if release else (),
            sites=_reported(session, prompt, Interaction.subgroup["site"].as_string()),
            applications=_reported(session, prompt, Token.name),
            downtime_text=_downtime_text(session, release),
            may_restrict=may(actor.roles, Right.RESTRICT_RELEASE),
            meaning=MEANING,
            attestation=ATTESTATIONS[MEANING],
        )


def restrictions_shown(session: Session, release: Release) -> tuple[RestrictionShown, ...]:
    """Every restriction of this release, the one that counts first."""
    query = select(Restriction, Signature).join(Signature, Signature.id == Restriction.signature_id)
    rows = session.execute(query.where(Restriction.release_id == release.id).order_by(Restriction.number.desc()))
    return tuple(
        RestrictionShown(_words(row.only), signature.signer_name, row.made_at, signature.sentence, signature.id)
        for row, signature in rows
    )


def restrict(outside: Outside, actor: Actor, name: str, given: Restricting, again: Again) -> None:
    """The live release is left to these places alone, from the next decision on; InvalidInput where that is not narrower.

    Stale where something else is live by now.
    """
    only = _check(given)
    with outside.database.reading() as session:
        deed = _deed(_live(session, _prompt(session, name), given), only)
    with entering_refusals(outside, actor, deed):
        proof = prove_deed(outside, actor, deed, again)
        with outside.database.writing() as session:
            prompt = session.scalars(select(Prompt).where(Prompt.name == name).with_for_update()).one()
            release = _live(session, prompt, given)
            _require_narrower(restriction_of(session, release), only)
            row = sign_deed(
                outside,
                session,
                actor,
                deed,
                proof,
                restriction_document(release, only.document()),
                given.reason.strip(),
            )
            _store(outside, session, release, only, row)
            enter(
                outside,
                session,
                actor,
                RESTRICTED,
                ("release", release.id, None),
                before=(release.state, release.manifest_sha256),
                after=("restricted", deed.sha256),
                payload={"only": only.document(), "reason": given.reason.strip()},
                attest=(row.envelope_sha256,),
                numbered=row,
            )
    seal_if_possible(outside)


def ask_passkey_to_restrict(outside: Outside, actor: Actor, name: str, given: Restricting) -> dict[str, Any]:
    """What the browser is told to have the person's passkey sign the restriction."""
    only = _check(given)
    with outside.database.writing() as session:
        release = _live(session, _prompt(session, name), given)
        _require_narrower(restriction_of(session, release), only)
        return ask_passkey_for(
            outside, session, actor, _deed(release, only), restriction_document(release, only.document())
        )


def _check(given: Restricting) -> Cohort:
    """Whatever can be said without the database is sound."""
    named = {part: names for part, names in given.only.items() if names}
    only = read_cohort("The restriction", {part: list(names) for part, names in named.items()}) if named else None
    if only is None or only.units:
        raise InvalidInput(
            "Name at least one site, department or application that keeps the release.", details={"field": "sites"}
        )
    if not 0 < len(given.reason.strip()) <= LONGEST_REASON:
        raise InvalidInput(f"Write why, in at most {LONGEST_REASON} characters.", details={"field": "reason"})
    return only


def _prompt(session: Session, name: str) -> Prompt:
    prompt = session.scalar(select(Prompt).where(Prompt.name == name))
    if prompt is None:
        raise NotFound("There is no such prompt; look for it in the list of prompts.")
    return prompt


def _live(session: Session, prompt: Prompt, given: Restricting) -> Release:
    release = session.get(Release, prompt.live_release_id or "")
    if release is None:
        raise Conflict("Nothing of this prompt is live, so there is nothing to restrict.")
    if release.manifest_sha256 != given.manifest_sha256:
        raise Stale("Another release is live by now; look at it before you restrict it.")
    return release


def _deed(release: Release, only: Cohort) -> Deed:
    sha256 = restriction_sha256(release, only.document())
    return Deed("restrict", f"release/{release.id}", sha256, MEANING, GRANTS[Right.RESTRICT_RELEASE])


def _require_narrower(before: Cohort | None, only: Cohort) -> None:
    if before is None:
        return
    if only == before:
        raise InvalidInput("The release is restricted to exactly these already.", details={"field": "sites"})
    if not only.is_within(before):
        raise InvalidInput(
            f"The release is restricted to {before.words}; a further restriction leaves it to fewer of these. To widen it, an author "
            "submits it again, and it goes the whole way.",
            code="wider",
            details={"field": "sites"},
        )


def _store(outside: Outside, session: Session, release: Release, only: Cohort, signature: Signature) -> None:
    before = newest_restriction(session, release)
    row = Restriction(
        id=outside.new_id("rst"),
        release_id=release.id,
        number=1 if before is None else before.number + 1,
        only=only.document(),
        signature_id=signature.id,
        made_at=outside.now(),
    )
    session.add(row)
    session.flush()


def _words(only: Mapping[str, Any]) -> str:
    cohort = read_cohort("The restriction", only)
    return "" if cohort is None else cohort.words


def _reported(session: Session, prompt: Prompt, what: Any) -> tuple[str, ...]:
    """What reports of this prompt name, to help whoever types; at most fifty."""
    query = select(what).select_from(Interaction).join(Token, Token.id == Interaction.token_id)
    return tuple(
        sorted(filter(None, session.scalars(query.where(Interaction.prompt_id == prompt.id).distinct().limit(50))))
    )


def _downtime_text(session: Session, release: Release | None) -> str:
    if release is None:
        return ""
    manifest = session.get_one(Manifest, release.manifest_sha256)
    return str(json.loads(manifest.content)["texts"]["downtime"])
