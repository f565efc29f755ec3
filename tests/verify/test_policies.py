"""What the verifier asks of policies: two administrators, or one and a day; and no release under a policy that was never in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.verify import synthetic
from tests.verify.synthetic import CHANGE, ORIGIN, PEOPLE, SIGNATURE_TYPE, SYSTEM, VKEY, Log, files_of, write_bundle
from webapp import verify
from webapp.domain.record.attestations import ATTESTATIONS
from webapp.domain.record.bundle import Scope
from webapp.domain.record.dsse import statement
from webapp.domain.record.leaf import LeafActor

RUTH = LeafActor("per_ruth", "Ruth Adler", ("administrator",), "session")
SAM = LeafActor("per_sam", "Sam Ibarra", ("administrator",), "session")
FIRST, SECOND, THIRD = "a" * 64, "b" * 64, "c" * 64
PROPOSAL, ADOPTION = "proposal of a policy", "adoption of a policy"


@pytest.fixture
def report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[Log], tuple[int, str]]:
    """Exit code and report over everything of the log."""

    def made(log: Log, changes: tuple[str, ...] = (CHANGE,)) -> tuple[int, str]:
        path = write_bundle(tmp_path / "b.zip", log, files_of(log), scope=Scope("all", "all", changes))
        return verify.main([str(path), "--key", VKEY]), capsys.readouterr().out

    return made


def opened() -> Log:
    """A log with one change of each example, the first policy, Ruth and Sam."""
    log = synthetic.example_log()
    log.enter("policy.adopted", SYSTEM, ("policy", "policy"), 1, after=("in_force", FIRST))
    for who in (RUTH, SAM):
        log.enter("person.joined", who, ("person", who.id))
        log.enter("role.granted", SYSTEM, ("person", who.id), reason="administrator")
    return log


def signed(log: Log, who: LeafActor, meaning: str, digest: str, version: int) -> str:
    claims = {
        "signer": {"id": who.id, "name": who.name, "title": "", "credentials": "", "organisation": "Example"},
        "role": "administrator", "meaning": meaning, "attestation": {"version": 1, "text": ATTESTATIONS[meaning]},
        "signed_at": "2026-03-02T09:00:00.000Z", "zone": "UTC", "level": "L1", "log_origin": ORIGIN,
        "nonce": f"nonce-{len(log.leaves)}",
    }  # fmt: skip
    envelope = log.seal(statement(f"policy/{version}", digest, SIGNATURE_TYPE, claims))
    log.enter(
        "signature.applied", who, ("signature", f"sig_{len(log.leaves)}"), after=("valid", digest), attest=(envelope,)
    )
    return envelope


def propose(
    log: Log,
    who: LeafActor = RUTH,
    *,
    digest: str = SECOND,
    base: str = FIRST,
    meaning: str = PROPOSAL,
    signed_version: int = 2,
    reason: str = "ordinary",
) -> str:
    envelope = signed(log, who, meaning, digest, signed_version)
    log.enter(
        "policy.proposed", who, ("policy", "policy"), 2, before=("in_force", base), after=("proposed", digest),
        reason=reason, attest=(envelope,),
    )  # fmt: skip
    return envelope


def adopt(log: Log, who: LeafActor, *attest: str, digest: str = SECOND, reason: str = "second_signature") -> None:
    log.enter(
        "policy.adopted", who, ("policy", "policy"), 2, before=("in_force", FIRST), after=("in_force", digest),
        reason=reason, attest=attest,
    )  # fmt: skip


def withdraw(log: Log, who: LeafActor = SAM, digest: str = SECOND) -> None:
    log.enter(
        "policy.withdrawn", who, ("policy", "policy"), 2, before=("proposed", digest), after=("withdrawn", digest),
        reason="withdrawn",
    )  # fmt: skip


def two(log: Log) -> None:
    first = propose(log)
    adopt(log, SAM, first, signed(log, SAM, ADOPTION, SECOND, 2))


def alone(log: Log, waited: timedelta = timedelta(hours=24)) -> None:
    log.enter("person.deactivated", RUTH, ("person", SAM.id))
    first = propose(log)
    log.at += waited
    adopt(log, SYSTEM, first, reason="delay_over")


def twice(log: Log) -> None:
    propose(log)
    withdraw(log)
    two(log)


@pytest.mark.parametrize("way", [two, alone, twice])
def test_two_signatures_or_one_and_a_day_are_good(
    report: Callable[[Log], tuple[int, str]], way: Callable[[Log], None]
) -> None:
    log = opened()
    way(log)
    code, said = report(log)
    assert code == verify.GOOD, said


def same_person(log: Log) -> None:
    first = propose(log)
    adopt(log, RUTH, first, signed(log, RUTH, ADOPTION, SECOND, 2))


def too_early(log: Log) -> None:
    alone(log, timedelta(hours=23))


def one_of_two(log: Log) -> None:
    first = propose(log)
    log.at += timedelta(hours=25)
    adopt(log, SYSTEM, first, reason="delay_over")


def withdrawn(log: Log) -> None:
    first = propose(log)
    withdraw(log)
    adopt(log, SAM, first, signed(log, SAM, ADOPTION, SECOND, 2))


def never_proposed(log: Log) -> None:
    adopt(log, SAM, signed(log, SAM, ADOPTION, SECOND, 2))


def other_text(log: Log) -> None:
    first = propose(log)
    adopt(log, SAM, first, signed(log, SAM, ADOPTION, THIRD, 2), digest=THIRD)


def other_base(log: Log) -> None:
    propose(log, base=THIRD)


def no_administrator(log: Log) -> None:
    propose(log, replace(PEOPLE["kim"], roles=("administrator",)))


def by_token(log: Log) -> None:
    propose(log, replace(RUTH, via="token"))


def second_is_gone(log: Log) -> None:
    first = propose(log)
    log.enter("person.deactivated", RUTH, ("person", SAM.id))
    adopt(log, SAM, first, signed(log, SAM, ADOPTION, SECOND, 2))


def other_meaning(log: Log) -> None:
    propose(log, meaning="roll back")


def other_version(log: Log) -> None:
    propose(log, signed_version=3)


def signature_again(log: Log) -> None:
    first = propose(log)
    adopt(log, SAM, first, first)


def two_at_once(log: Log) -> None:
    propose(log)
    propose(log, SAM, digest=THIRD)


def by_the_system(log: Log) -> None:
    adopt(log, SYSTEM)


def urgent_without_a_policy(log: Log) -> None:
    log.enter("change.opened", PEOPLE["ada"], ("change", "chg_9"), after=("draft", None))
    log.enter(
        "change.submit", PEOPLE["ada"], ("change", "chg_9"), 1, before=("draft", "1" * 64), after=("evaluation", "1" * 64)
    )  # fmt: skip
    log.enter(
        "change.policy_changed", SYSTEM, ("change", "chg_9"), 2, before=("evaluation", "1" * 64), after=("evaluation", "2" * 64)
    )  # fmt: skip


BROKEN: dict[str, tuple[Callable[[Log], None], str]] = {
    "the same administrator twice": (same_person, "as the second administrator"),
    "before the day is over": (too_early, "after 24 hours and not before"),
    "one signature although two were there": (one_of_two, "only one of them signed"),
    "after it was withdrawn": (withdrawn, "was withdrawn"),
    "never proposed": (never_proposed, "was not proposed"),
    "another text than was proposed": (other_text, "was not proposed"),
    "on another policy than the one in force": (other_base, "another version of the policy was in force"),
    "somebody who was no administrator": (no_administrator, "was no administrator then"),
    "a token": (by_token, "was no administrator then"),
    "a second who was deactivated": (second_is_gone, "was no administrator then"),
    "another meaning": (other_meaning, "of another meaning"),
    "another version than was signed": (other_version, "signature of another act"),
    "the first signature as the second": (signature_again, "names no signature"),
    "two open proposals": (two_at_once, "while the one of entry"),
    "the system by itself": (by_the_system, "was not proposed"),
    "sent back for no urgent policy": (urgent_without_a_policy, "for an urgent policy, and none"),
}


@pytest.mark.parametrize(("way", "words"), BROKEN.values(), ids=BROKEN)
def test_any_other_way_into_force_is_broken_evidence(
    report: Callable[[Log], tuple[int, str]], way: Callable[[Log], None], words: str
) -> None:
    log = opened()
    way(log)
    code, said = report(log)
    assert (code, words in said) == (verify.BROKEN, True), said


@pytest.mark.parametrize(("named", "expected"), [(FIRST, verify.GOOD), (SECOND, verify.BROKEN)])
def test_a_release_under_a_policy_that_was_never_in_force_is_broken_evidence(
    report: Callable[[Log, tuple[str, ...]], tuple[int, str]],
    monkeypatch: pytest.MonkeyPatch,
    named: str,
    expected: int,
) -> None:
    plain = synthetic._manifest
    log = opened()
    monkeypatch.setattr(synthetic, "_manifest", lambda *facts: {**plain(*facts), "policy_sha256": named})
    synthetic.release_change(log, synthetic.OTHER_CHANGE)
    propose(log)
    code, said = report(log, (CHANGE, synthetic.OTHER_CHANGE))
    assert code == expected, said
    assert ("names a policy that was never in force" in said) is (expected == verify.BROKEN)
