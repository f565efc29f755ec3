"""What entries of the audit log are about, by name: the change, the person, the release behind an id, and the page that shows it.

What must not live here: what an entry says of it (``domain.record.entry_words``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.adapters.store.schema import (
    Change,
    FindingRow,
    Person,
    Prompt,
    Release,
    Run,
    Signature,
    SuiteRow,
    Token,
    Version,
)
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import Right, may

LONGEST_TITLE = 80
_NAMELESS = {
    "alert": "the notice",
    "export": "an export",
    "log": "this audit log",
    "payload": "a stored text",
    "person": "somebody unknown here",
    "stop": "prompt and reason stand in its text",
    "place": "an address on the network",
}


@dataclass(frozen=True)
class Thing:
    """Something by name. ``place`` is the page that shows it and ``key`` the page's one value; None where there is no page to open."""

    words: str
    place: str | None = None
    key: tuple[str, str] | None = None


def thing_of(session: Session, actor: Actor, kind: str, thing_id: str, version: int | None = None) -> Thing:
    """What stands behind the type and id of an entry, as far as this person may open it; the codes themselves where nothing does."""
    find = _FINDERS.get(kind)
    found = None if find is None else find(session, thing_id)
    if found is None:
        return Thing(_codes(kind, thing_id, version))
    if kind == "person" and not may(actor.roles, Right.READ_PEOPLE):
        return Thing(found.words)
    return found


def prompt_behind(session: Session, kind: str, thing_id: str) -> str | None:
    """The name of the prompt that this belongs to; None for what belongs to none."""
    if kind == "prompt":
        prompt = session.get(Prompt, thing_id)
        return None if prompt is None else prompt.name
    if kind == "version":
        version = session.get(Version, thing_id)
        return None if version is None else session.get_one(Prompt, version.prompt_id).name
    change_id = change_behind(session, kind, thing_id)
    change = session.get(Change, change_id or "")
    return None if change is None else session.get_one(Prompt, change.prompt_id).name


def change_behind(session: Session, kind: str, thing_id: str) -> str | None:
    """The change that this belongs to; None for what belongs to none."""
    if kind == "change":
        return thing_id
    if kind == "finding":
        finding = session.get(FindingRow, thing_id)
        return None if finding is None else session.get_one(Run, finding.run_id).change_id
    if kind == "run":
        run = session.get(Run, thing_id)
        return None if run is None else run.change_id
    if kind == "release":
        release = session.get(Release, thing_id)
        return None if release is None else release.change_id
    signature = session.get(Signature, thing_id) if kind == "signature" else None
    return None if signature is None else signature.change_id


def _codes(kind: str, thing_id: str, version: int | None) -> str:
    if kind == "policy":
        return f"policy version {version}" if version else "the policy"
    if kind == "trail":
        return f"entries {thing_id.replace('-', ' to ')}"
    return _NAMELESS.get(kind) or f"the {kind.replace('_', ' ')} {thing_id}"


def _change(session: Session, thing_id: str) -> Thing | None:
    change = session.get(Change, thing_id)
    if change is None:
        return None
    prompt = session.get_one(Prompt, change.prompt_id)
    title = change.title if len(change.title) <= LONGEST_TITLE else change.title[: LONGEST_TITLE - 1] + "…"
    return Thing(f"change “{title}” of {prompt.name}", "change.show", ("change_id", change.id))


def _run(session: Session, thing_id: str) -> Thing | None:
    run = session.get(Run, thing_id)
    of = None if run is None else _change(session, run.change_id)
    if run is None or of is None:
        return None
    return Thing(f"run {run.number} of the {of.words}", "evaluation.show", ("change_id", run.change_id))


def _finding(session: Session, thing_id: str) -> Thing | None:
    finding = session.get(FindingRow, thing_id)
    if finding is None:
        return None
    run = session.get_one(Run, finding.run_id)
    of = _change(session, run.change_id)
    words = "a critical finding" if of is None else f"a critical finding in the {of.words}"
    return Thing(words, "evaluation.show", ("change_id", run.change_id))


def _signature(session: Session, thing_id: str) -> Thing | None:
    row = session.get(Signature, thing_id)
    if row is None:
        return None
    of = None if row.change_id is None else _change(session, row.change_id)
    words = f"signature with the meaning “{row.meaning}”"
    if of is None:
        return Thing(words)
    return Thing(f"{words} on the {of.words}", "signoff.receipt", ("signature_id", row.id))


def _release(session: Session, thing_id: str) -> Thing | None:
    release = session.get(Release, thing_id)
    if release is None:
        return None
    prompt = session.get_one(Prompt, release.prompt_id)
    number = session.get_one(Version, release.version_id).number
    words = f"release of {prompt.name} version {number} ({release.label})"
    return Thing(words, "change.show", ("change_id", release.change_id))


def _prompt(session: Session, thing_id: str) -> Thing | None:
    prompt = session.get(Prompt, thing_id)
    return None if prompt is None else Thing(f"prompt {prompt.name}", "prompts.show", ("name", prompt.name))


def _version(session: Session, thing_id: str) -> Thing | None:
    version = session.get(Version, thing_id)
    if version is None:
        return None
    prompt = session.get_one(Prompt, version.prompt_id)
    words = f"version {version.number} ({version.label}) of {prompt.name}"
    return Thing(words, "prompts.show", ("name", prompt.name))


def _suite(session: Session, thing_id: str) -> Thing | None:
    suite = session.get(SuiteRow, thing_id)
    if suite is None:
        return None
    return Thing(f"version {suite.number} of the test set {suite.name}", "suites.show", ("digest", suite.sha256))


def _person(session: Session, thing_id: str) -> Thing | None:
    person = session.get(Person, thing_id)
    return None if person is None else Thing(person.name, "people.show", ("person_id", person.id))


def _token(session: Session, thing_id: str) -> Thing | None:
    token = session.get(Token, thing_id)
    if token is None:
        return None
    owner = session.get_one(Person, token.person_id)
    return Thing(f"the token “{token.name}” of {owner.name}")


_FINDERS: dict[str, Callable[[Session, str], Thing | None]] = {
    "change": _change,
    "run": _run,
    "finding": _finding,
    "signature": _signature,
    "release": _release,
    "prompt": _prompt,
    "version": _version,
    "suite": _suite,
    "person": _person,
    "token": _token,
}
