"""What the verifier asks of second factors that were taken away: no signature before a second person confirmed the new ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.verify.synthetic import (
    CHANGE,
    ORIGIN,
    OTHER_CHANGE,
    PEOPLE,
    SIGNATURE_TYPE,
    SYSTEM,
    VKEY,
    Log,
    example_log,
    files_of,
    release_change,
    write_bundle,
)
from webapp import verify
from webapp.domain.record.attestations import ATTESTATIONS
from webapp.domain.record.bundle import Scope
from webapp.domain.record.dsse import statement
from webapp.domain.record.leaf import LeafActor

RUTH = LeafActor("per_ruth", "Ruth Adler", ("administrator",), "session")
SAM = LeafActor("per_sam", "Sam Ibarra", ("administrator",), "session")
QUINN = LeafActor("per_quinn", "Quinn Reyes", ("auditor",), "session")
OSEI = PEOPLE["osei"]
MEANING = "confirmation of a factor reset"
BOTH = Scope("all", "all", (CHANGE, OTHER_CHANGE))


@pytest.fixture
def report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[Log], tuple[int, str]]:
    """Exit code and report over everything of the log."""

    def made(log: Log) -> tuple[int, str]:
        path = write_bundle(tmp_path / "b.zip", log, files_of(log), scope=BOTH)
        return verify.main([str(path), "--key", VKEY]), capsys.readouterr().out

    return made


def reset_log() -> Log:
    """One released change, then Ruth takes Osei's second factors away."""
    log = example_log()
    for who in (RUTH, SAM, QUINN):
        log.enter("role.granted", SYSTEM, ("person", who.id), reason=who.roles[0])
    log.enter("factor.reset", RUTH, ("person", OSEI.id), after=("waiting", None))
    log.enter("factor.enrolled", OSEI, ("person", OSEI.id), reason="totp")
    return log


def confirm(
    log: Log,
    who: LeafActor,
    *,
    meaning: str = MEANING,
    subject: str = f"person/{OSEI.id}",
    signed: str = "5" * 64,
    entered: str = "5" * 64,
    attested: bool = True,
) -> None:
    """``who`` signs that the new factors are Osei's, and it is entered."""
    claims = {
        "signer": {"id": who.id, "name": who.name, "title": "", "credentials": "", "organisation": "Example"},
        "role": who.roles[0], "meaning": meaning, "attestation": {"version": 1, "text": ATTESTATIONS[meaning]},
        "signed_at": "2026-03-02T09:00:00.000Z", "zone": "UTC", "level": "L1", "log_origin": ORIGIN,
        "nonce": f"nonce-{len(log.leaves)}",
    }  # fmt: skip
    digest = log.seal(statement(subject, signed, SIGNATURE_TYPE, claims))
    log.enter(
        "signature.applied", who, ("signature", f"sig_{len(log.leaves)}"), after=("valid", signed), attest=(digest,)
    )
    log.enter(
        "factor.reset_confirmed", who, ("person", OSEI.id), after=("confirmed", entered), attest=(digest,) * attested
    )


@pytest.mark.parametrize("who", [SAM, QUINN], ids=["another administrator", "an auditor"])
def test_after_the_confirmation_signatures_are_good(report: Callable[[Log], tuple[int, str]], who: LeafActor) -> None:
    log = reset_log()
    confirm(log, who)
    release_change(log, OTHER_CHANGE)
    code, said = report(log)
    assert code == verify.GOOD, said


def test_a_signature_between_reset_and_confirmation_is_broken_evidence(
    report: Callable[[Log], tuple[int, str]],
) -> None:
    log = reset_log()
    release_change(log, OTHER_CHANGE)
    confirm(log, SAM)
    code, said = report(log)
    assert code == verify.BROKEN
    assert "Abena Osei signed although the second factors were taken away at entry" in said


def test_others_sign_meanwhile(report: Callable[[Log], tuple[int, str]]) -> None:
    log = reset_log()
    log.enter("factor.reset", RUTH, ("person", "per_lund"), after=("waiting", None))
    confirm(log, SAM)
    release_change(log, OTHER_CHANGE)
    assert report(log)[0] == verify.GOOD


@pytest.mark.parametrize(
    ("who", "changed", "reason"),
    [
        (RUTH, {}, "is not the second person"),
        (LeafActor(OSEI.id, OSEI.name, ("physician",), "session"), {}, "although the second factors were taken away"),
        (PEOPLE["kim"], {}, "held no role then that may do this"),
        (LeafActor(SAM.id, SAM.name, SAM.roles, "token"), {}, "without being there in person"),
        (SAM, {"meaning": "review"}, "of another act than entry"),
        (SAM, {"subject": "person/per_lund"}, "of another act than entry"),
        (SAM, {"entered": "6" * 64}, "of another act than entry"),
        (SAM, {"attested": False}, "names no signature"),
    ],
)
def test_a_confirmation_that_is_none_is_broken_evidence(
    report: Callable[[Log], tuple[int, str]], who: LeafActor, changed: dict[str, str], reason: str
) -> None:
    log = reset_log()
    confirm(log, who, **changed)  # type: ignore[arg-type]
    code, said = report(log)
    assert code == verify.BROKEN
    assert reason in said


def test_a_confirmation_of_nothing_and_a_second_one_are_broken_evidence(
    report: Callable[[Log], tuple[int, str]],
) -> None:
    log = reset_log()
    confirm(log, SAM)
    confirm(log, QUINN)
    code, said = report(log)
    assert code == verify.BROKEN
    assert "was not made or was confirmed before" in said
