"""Exports: what comes along, what is left out, and that the offline verifier finds them good."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import Clock, Staff
from tests.passkeys import add_passkey
from tests.people import PASSWORD, add_app, again
from tests.rollouts import DIRECT, NAME, live_first, started
from tests.services.submissions import good, prompt_bytes, suite_bytes
from tests.stages import change_in, digests, open_worst_cases, pass_evaluation, pass_review, pass_signoff
from tests.verify.synthetic import pack, read_files, relisted, resigned
from webapp import verify
from webapp.acts import jobs
from webapp.acts.recording import enter
from webapp.acts.signed_deeds import Deed, prove_deed, sign_deed
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, ExportRow, Job, Leaf, Release, SuiteRow
from webapp.domain.record.canonical import canonical
from webapp.domain.workflow import Actor
from webapp.domain.workflow.evidence import Narrowing
from webapp.domain.workflow.stages import Role
from webapp.errors import Conflict, InvalidInput, NotFound, Refused, Unavailable
from webapp.services import policy, restricting, rollout, signoff
from webapp.services.exporting import (
    Wanted,
    ask_for_export,
    evidence,
    execute_export,
    export_file,
    export_here,
    list_exports,
)
from webapp.services.restricting import Restricting
from webapp.services.suites import SuiteGiven, import_suite

CONSOLE = Actor(id="console", name="Console", via="console")


@pytest.fixture(autouse=True)
def granted(outside: Outside, staff: Staff) -> None:
    """Everybody's roles stand in the log, as the invitation of a person enters them."""
    with outside.database.writing() as session:
        for name in staff.ids:
            for role in sorted(staff.act_as(name).roles):
                enter(outside, session, CONSOLE, "role.granted", ("person", staff.ids[name], None), reason=role.value)


def make(outside: Outside, actor: Actor, wanted: Wanted) -> Path:
    """The bundle as a worker makes it."""
    export_id, _ = unfetched(outside, actor, wanted)
    return export_file(outside, actor, export_id)


def unfetched(outside: Outside, actor: Actor, wanted: Wanted) -> tuple[str, Path]:
    """The bundle as a worker makes it, before anybody downloads it: to fetch it is an entry of the log."""
    export_id = ask_for_export(outside, actor, wanted)
    with outside.database.reading() as session:
        job_id = session.scalars(select(Job.id).where(Job.subject_id == export_id)).one()
    job = jobs.lease(outside, job_id)
    assert job is not None
    execute_export(outside, job)
    return export_id, outside.settings.var_dir / "exports" / f"{export_id}.zip"


def key_of(outside: Outside) -> str:
    return outside.notary.held().key.to_vkey()


def run(outside: Outside, path: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = verify.main([str(path), "--key", key_of(outside), *arguments])
    return code, capsys.readouterr().out


@pytest.mark.parametrize("stage", ["evaluation", "review", "signoff", "rollout"])
def test_everything_that_was_exported_verifies_offline(
    outside: Outside, staff: Staff, capsys: pytest.CaptureFixture[str], stage: str
) -> None:
    change_in(outside, staff, stage)
    path = make(outside, staff.act_as("quinn"), Wanted("all"))
    code, said = run(outside, path, capsys)
    assert code in (verify.GOOD, verify.WEAK), said
    assert "FAIL" not in said


def test_a_plan_made_slower_and_a_restricted_release_verify_offline(
    outside: Outside, staff: Staff, capsys: pytest.CaptureFixture[str]
) -> None:
    change_id, osei = started(outside, staff, DIRECT), staff.act_as("osei")
    slower = {**DIRECT["steps"][0], "bake_seconds": 86_400}
    left = Narrowing("Few nurses.", 0, (slower,), 3_600)
    rollout.narrow(outside, osei, change_id, digests(outside, change_id)[0], left, PASSWORD)
    with outside.database.reading() as session:
        live = session.scalars(select(Release.manifest_sha256)).one()
    restricting.restrict(outside, osei, NAME, Restricting(live, {"sites": ("North",)}, "Wrong units."), PASSWORD)
    code, said = run(outside, make(outside, staff.act_as("quinn"), Wanted("all")), capsys)
    assert code in (verify.GOOD, verify.WEAK), said
    assert "FAIL" not in said


def test_the_export_of_a_change_names_its_signatures_and_verifies(
    outside: Outside, staff: Staff, capsys: pytest.CaptureFixture[str]
) -> None:
    change_id = change_in(outside, staff, "rollout")
    path = make(outside, staff.act_as("quinn"), Wanted("change", change_id))
    code, said = run(outside, path, capsys)
    assert code in (verify.GOOD, verify.WEAK), said
    assert "1 releases" in said
    files = read_files(path)
    listed = json.loads(files["manifest.json"])
    assert listed["scope"] == {"kind": "change", "value": change_id, "changes": [change_id]}
    assert listed["requester"]["name"] == "Quinn"
    page = files["views/sign-off-record.html"].decode()
    assert "The evidence is this bundle" in page
    assert "Kim" in page
    assert "Osei" in page
    assert files["views/signatures.csv"].count(b"\r\n") == 4
    assert files["verify/verify.py"] == Path(verify.__file__).read_bytes()
    assert {"log/checkpoint", "policy/keys.json", "README.txt", "verify/README"} <= set(files)


def test_a_high_risk_release_with_its_two_passkeys_verifies_after_each_signature(
    outside: Outside, staff: Staff, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = good(prompt=prompt_bytes(risk_class="high_risk"), risk_class="high_risk")
    change_id = change_in(outside, staff, "signoff", wanted)
    for number, name in enumerate(("osei", "lund"), 1):
        key = add_passkey(outside, staff.ids[name], number)
        open_worst_cases(outside, staff, change_id, name)
        digest, seen = digests(outside, change_id)
        given = key.answer(signoff.ask_to_sign(outside, staff.act_as(name), change_id, digest))
        signoff.sign(outside, staff.act_as(name), change_id, digest, given, seen=seen)
        path = make(outside, staff.act_as("quinn"), Wanted("all"))
        code, said = run(outside, path, capsys)
        assert code in (verify.GOOD, verify.WEAK), said
        assert f"{number} signatures by passkey" in said
        assert f"{number - 1} releases" in said
        assert "without a passkey" not in said


def test_an_older_export_is_a_checkpoint_to_hold_the_next_one_against(
    outside: Outside, staff: Staff, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change_in(outside, staff, "review")
    first = read_files(make(outside, staff.act_as("quinn"), Wanted("all")))
    prior = tmp_path / "prior"
    prior.write_bytes(first["log/checkpoint"])
    path = make(outside, staff.act_as("quinn"), Wanted("all"))
    code, said = run(outside, path, capsys, "--prior-checkpoint", str(prior))
    assert code in (verify.GOOD, verify.WEAK), said
    assert "is a prefix" in said


def test_that_it_was_exported_is_an_entry_of_the_log_and_in_the_bundle(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "review")
    files = read_files(make(outside, staff.act_as("quinn"), Wanted("all")))
    last = json.loads(files["log/entries.jsonl"].splitlines()[-1])
    assert (last["type"], last["reason"], last["actor"]["name"]) == ("export.made", "all", "Quinn")


def test_the_same_state_gives_the_same_bytes(outside: Outside, staff: Staff, tmp_path: Path) -> None:
    change_in(outside, staff, "rollout")
    _, path = unfetched(outside, staff.act_as("quinn"), Wanted("all"))
    before = path.read_bytes()
    with outside.database.writing() as session:
        job = session.scalars(select(Job).where(Job.kind == "export")).one()
        job.state = "ready"
        job_id = job.id
    again = jobs.lease(outside, job_id)
    assert again is not None
    execute_export(outside, again)
    assert path.read_bytes() == before


def test_case_text_comes_along_only_if_asked_for(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    with outside.database.reading() as session:
        suite = session.scalars(select(SuiteRow)).first()
        assert suite is not None
        digest, text = suite.sha256, suite.content
    without = read_files(make(outside, staff.act_as("quinn"), Wanted("change", change_id)))
    assert f"payloads/{digest}" not in without
    assert {"sha256": digest, "reason": "case_text"} in json.loads(without["manifest.json"])["left_out"]
    with_text = read_files(make(outside, staff.act_as("quinn"), Wanted("change", change_id, with_case_text=True)))
    assert with_text[f"payloads/{digest}"] == text


def guarded_change(outside: Outside, staff: Staff, mark: str, stage: str) -> tuple[str, str]:
    """A change whose test set holds patient data or is a hold-out, and the test set's digest."""
    marks = {"contains_phi": mark == "contains_phi", "is_held_out": mark == "is_held_out"}
    given = SuiteGiven(suite_bytes(4), mark, **marks)
    digest = import_suite(outside, staff.act_as("kim"), given).digest
    return change_in(outside, staff, stage, suite=None, suite_digest=digest), digest


@pytest.mark.parametrize(
    ("mark", "reader", "refused"), [("contains_phi", "kim", "ruth"), ("is_held_out", "kim", "quinn")]
)
def test_patient_data_and_hold_outs_are_given_to_who_may_read_them_and_that_is_entered(
    outside: Outside, staff: Staff, capsys: pytest.CaptureFixture[str], mark: str, reader: str, refused: str
) -> None:
    change_id, digest = guarded_change(outside, staff, mark, "rollout")
    wanted = Wanted("change", change_id, with_case_text=True)
    path = make(outside, staff.act_as(refused), wanted)
    listed = json.loads(read_files(path)["manifest.json"])["left_out"]
    assert {"sha256": digest, "reason": "withheld"} in listed
    assert len(listed) > 2, "results and what was displayed may quote the cases"
    code, said = run(outside, path, capsys)
    assert code in (verify.GOOD, verify.WEAK), said
    before = _reads(outside)
    assert f"payloads/{digest}" in read_files(make(outside, staff.act_as(reader), wanted))
    assert _reads(outside) == before + 1


def test_somebody_elses_case_text_is_not_fetched_by_who_may_not_read_it(outside: Outside, staff: Staff) -> None:
    change_id, _ = guarded_change(outside, staff, "contains_phi", "review")
    make(outside, staff.act_as("kim"), Wanted("change", change_id, with_case_text=True))
    with outside.database.reading() as session:
        export_id = session.scalars(select(ExportRow.id)).one()
    with pytest.raises(Refused):
        export_file(outside, staff.act_as("ruth"), export_id)
    assert export_file(outside, staff.act_as("quinn"), export_id).is_file()


def test_a_period_covers_the_changes_that_moved_in_it(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = change_in(outside, staff, "review")
    now = clock()
    inside = Wanted("period", since=now - timedelta(days=1), until=now + timedelta(days=1))
    assert json.loads(read_files(make(outside, staff.act_as("quinn"), inside))["manifest.json"])["scope"][
        "changes"
    ] == [change_id]
    before = Wanted("period", since=now - timedelta(days=9), until=now - timedelta(days=8))
    assert (
        json.loads(read_files(make(outside, staff.act_as("quinn"), before))["manifest.json"])["scope"]["changes"] == []
    )


def audit_pack(clock: Clock, days_ago: int = 1, days: int = 2) -> Wanted:
    since = clock().replace(hour=0) - timedelta(days=days_ago)
    return Wanted("audit_pack", since=since, until=since + timedelta(days=days))


def test_an_audit_pack_lists_what_was_signed_refused_voided_and_live_in_its_period(
    outside: Outside, staff: Staff, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    change_id = live_first(outside, staff)
    with outside.database.writing() as session:
        enter(outside, session, staff.act_as("ben"), "signature.refused", ("change", change_id, None), reason="role")
    path = make(outside, staff.act_as("quinn"), audit_pack(clock))
    files = read_files(path)
    period = json.loads(files["manifest.json"])["period"]
    size = files["log/entries.jsonl"].count(b"\n")
    signed = list(csv.DictReader(io.StringIO(files["views/audit-pack/signed.csv"].decode())))
    assert (period["first"], period["last"], period["signatures"]) == (0, size - 1, len(signed))
    sentence = f"Entries 0 to {size - 1} of this period, and no further signature among them: {len(signed)} in all."
    assert sentence in files["views/audit-pack.html"].decode()
    tables = {
        name.split("/")[-1]: content.decode() for name, content in files.items() if name.startswith("views/audit-pack/")
    }
    assert [row["meaning"] for row in signed][:3] == ["confirmation of the risk class", "review", "approval"]
    assert "completion of the rollout" in [row["meaning"] for row in signed]
    assert "signature.refused" in tables["refused.csv"]
    assert "gave Kim the role clinical informaticist" in tables["people.csv"]
    assert "export.made" in tables["oversight.csv"]
    assert tables["live.csv"].count(change_id) == 1
    assert set(tables) == {
        f"{name}.csv"
        for name in ("signed", "refused", "voided", "exceptions", "live", "people", "policy", "oversight", "program")
    }
    code, said = run(outside, path, capsys)
    assert code in (verify.GOOD, verify.WEAK), said
    assert f"entries 0 to {size - 1} of this period, and no further signature among them ({len(signed)})" in said


def test_an_audit_pack_of_another_period_has_no_signature_and_says_so(
    outside: Outside, staff: Staff, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    change_in(outside, staff, "rollout")
    path = make(outside, staff.act_as("quinn"), audit_pack(clock, days_ago=30))
    files = read_files(path)
    assert "No entry of the log is of this period" in files["views/audit-pack.html"].decode()
    assert "Nobody signed anything in this period." in files["views/audit-pack.html"].decode()
    code, said = run(outside, path, capsys)
    assert code in (verify.GOOD, verify.WEAK), said
    assert "no entry is of the audit pack's period" in said


@pytest.mark.parametrize(
    ("member", "value"), [("first", 2), ("last", 5), ("signatures", 2), ("since", "2026-03-02T09:00:00.001Z")]
)
def test_what_an_audit_pack_says_of_its_period_is_counted_anew(
    outside: Outside,
    staff: Staff,
    clock: Clock,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    member: str,
    value: object,
) -> None:
    """Even the service's own key cannot sign another count than that of the log."""
    change_in(outside, staff, "rollout")
    files = read_files(make(outside, staff.act_as("quinn"), audit_pack(clock)))
    listed = json.loads(files["manifest.json"])
    listed["period"][member] = value
    code, said = run(outside, pack(tmp_path / "b.zip", resigned({**files, "manifest.json": canonical(listed)})), capsys)
    assert code == verify.BROKEN
    assert "tells other entries or signatures of its period than the log" in said


def test_a_signature_that_an_audit_pack_keeps_back_is_found(
    outside: Outside, staff: Staff, clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change_in(outside, staff, "signoff")
    files = read_files(make(outside, staff.act_as("quinn"), audit_pack(clock)))
    listed = json.loads(files["manifest.json"])
    listed["scope"]["changes"] = []
    name = next(name for name in files if name.startswith("signatures/"))
    fewer = {one: content for one, content in files.items() if one != name}
    bundle = pack(tmp_path / "b.zip", resigned({**fewer, "manifest.json": canonical(listed)}))
    code, said = run(outside, bundle, capsys)
    assert code == verify.BROKEN
    assert "is of the audit pack's period and not in the bundle" in said


def test_signed_acts_that_are_no_moves_come_along_with_what_was_displayed(
    outside: Outside, staff: Staff, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    deed = Deed("adopt", "policy/2", "1" * 64, "review", frozenset({Role.INFORMATICIST}))
    kim = staff.act_as("kim")
    proof = prove_deed(outside, kim, deed, PASSWORD)
    with outside.database.writing() as session:
        sign_deed(outside, session, kim, deed, proof, {"kind": "display"})
    for wanted in (Wanted("all"), audit_pack(clock)):
        path = make(outside, staff.act_as("quinn"), wanted)
        code, said = run(outside, path, capsys)
        assert code in (verify.GOOD, verify.WEAK), said
        assert "1 envelopes" in said


def test_a_long_log_is_looked_through_without_losing_the_lease(
    outside: Outside, staff: Staff, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first file is written the whole log is read, which takes longer than a lease where the log is long."""
    change_in(outside, staff, "rollout")
    monkeypatch.setattr(evidence, "ROWS_AT_ONCE", 5)
    told: list[tuple[int, int]] = []
    row = export_here(outside, CONSOLE, audit_pack(clock), tmp_path / "b.zip", lambda *steps: told.append(steps))
    assert row.log_size is not None
    before = [steps for steps in told if steps[0] == 0]
    assert len(before) >= row.log_size // 5
    assert set(before) == {(0, 1)}


def test_authors_do_not_export_and_unsound_wishes_are_refused(outside: Outside, staff: Staff, clock: Clock) -> None:
    with pytest.raises(Refused):
        ask_for_export(outside, staff.act_as("ada"), Wanted("all"))
    quinn = staff.act_as("quinn")
    with pytest.raises(NotFound):
        ask_for_export(outside, quinn, Wanted("change", "chg_none"))
    with pytest.raises(NotFound):
        ask_for_export(outside, quinn, Wanted("prompt", "none"))
    for wanted in (Wanted("prompt"), Wanted("period"), Wanted("week"), Wanted("period", since=clock(), until=clock())):
        with pytest.raises(InvalidInput):
            ask_for_export(outside, quinn, wanted)


def test_an_export_that_is_not_made_yet_cannot_be_fetched(outside: Outside, staff: Staff) -> None:
    export_id = ask_for_export(outside, staff.act_as("quinn"), Wanted("all"))
    with pytest.raises(Conflict):
        export_file(outside, staff.act_as("quinn"), export_id)
    assert list_exports(outside, staff.act_as("quinn")).is_going_on


def test_the_console_exports_without_protected_text(
    outside: Outside, staff: Staff, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, digest = guarded_change(outside, staff, "contains_phi", "rollout")
    told: list[tuple[int, int]] = []
    path = tmp_path / "here.zip"
    row = export_here(outside, CONSOLE, Wanted("all", with_case_text=True), path, lambda *steps: told.append(steps))
    assert row.state == "complete"
    assert told[-1][0] == told[-1][1]
    assert f"payloads/{digest}" not in read_files(path)
    code, said = run(outside, path, capsys)
    assert code in (verify.GOOD, verify.WEAK), said


def test_a_release_that_went_live_verifies(outside: Outside, staff: Staff, capsys: pytest.CaptureFixture[str]) -> None:
    change_id = change_in(outside, staff, "rollout")
    with outside.database.reading() as session:
        digest = session.get_one(Change, change_id).digest
    rollout.start(outside, staff.act_as("ada"), change_id, digest)
    path = make(outside, staff.act_as("quinn"), Wanted("all"))
    code, said = run(outside, path, capsys)
    assert code in (verify.GOOD, verify.WEAK), said


def test_a_leaf_changed_in_the_database_breaks_the_bundle(outside: Outside, staff: Staff, tmp_path: Path) -> None:
    """What an administrator of the database could do is found by who holds the bundle's key."""
    change_in(outside, staff, "rollout")
    path = make(outside, staff.act_as("quinn"), Wanted("all"))
    files = read_files(path)
    files["log/entries.jsonl"] = files["log/entries.jsonl"].replace(b'"name":"Osei"', b'"name":"Lund"', 1)
    assert verify.main([str(pack(tmp_path / "b.zip", relisted(files))), "--key", key_of(outside)]) == verify.BROKEN


def test_nothing_is_kept_of_a_bundle_that_could_not_be_written(
    outside: Outside, staff: Staff, monkeypatch: Any
) -> None:
    def silent(question: dict[str, Any]) -> dict[str, Any]:
        raise Unavailable("silent")

    change_in(outside, staff, "review")
    export_id = ask_for_export(outside, staff.act_as("quinn"), Wanted("all"))
    with outside.database.reading() as session:
        job_id = session.scalars(select(Job.id).where(Job.subject_id == export_id)).one()
    job = jobs.lease(outside, job_id)
    assert job is not None
    mute = replace(outside, notary=type(outside.notary)(silent))
    with pytest.raises(Unavailable):
        execute_export(mute, job)
    assert not list((outside.settings.var_dir / "exports").iterdir())


def _reads(outside: Outside) -> int:
    with outside.database.reading() as session:
        return len(session.scalars(select(Leaf.seq).where(Leaf.type == "suite.read")).all())


def test_the_bundle_is_a_plain_archive(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "review")
    with zipfile.ZipFile(make(outside, staff.act_as("quinn"), Wanted("all"))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(archive.namelist())


def test_every_download_is_an_entry_with_who_fetched_which_file(outside: Outside, staff: Staff) -> None:
    change_id, digest = guarded_change(outside, staff, "contains_phi", "review")
    export_id, path = unfetched(outside, staff.act_as("kim"), Wanted("change", change_id, with_case_text=True))
    reads = _reads(outside)
    for name in ("kim", "quinn"):
        export_file(outside, staff.act_as(name), export_id)
    with outside.database.reading() as session:
        query = select(Leaf.content).where(Leaf.type == "export.fetched").order_by(Leaf.seq)
        fetched = [json.loads(content) for content in session.scalars(query)]
        read = session.scalars(select(Leaf.entity_id).where(Leaf.type == "suite.read").order_by(Leaf.seq)).all()
    assert [(leaf["actor"]["name"], leaf["reason"]) for leaf in fetched] == [
        ("Kim", "with_case_text"),
        ("Quinn", "with_case_text"),
    ]
    assert {leaf["after"]["sha256"] for leaf in fetched} == {hashlib.sha256(path.read_bytes()).hexdigest()}
    assert read[reads:] == [digest], "who asked was entered as a reader then; whoever else fetches it is entered now"


@pytest.mark.parametrize("wanted", [Wanted("all"), Wanted("change")], ids=["all", "change"])
def test_policies_and_what_an_urgent_one_sent_back_verify_offline(
    outside: Outside, staff: Staff, capsys: pytest.CaptureFixture[str], wanted: Wanted
) -> None:
    change_id = change_in(outside, staff, "signoff")
    wanted = replace(wanted, value=change_id) if wanted.kind == "change" else wanted
    for name in ("ruth", "sam"):
        add_app(outside, staff.ids[name])
    ruth, sam = staff.act_as("ruth"), staff.act_as("sam")
    seen = policy.show_policy(outside, ruth)
    source = seen.source.replace("least_cases: 30", "least_cases: 31")
    given = again(outside, ruth.id)
    proposal = policy.propose(outside, ruth, source, seen.current.digest, given, is_urgent=True)
    shown = policy.show_policy(outside, sam).proposal
    assert shown is not None
    policy.second(outside, sam, proposal, shown.digest, again(outside, sam.id))
    for step in (pass_evaluation, pass_review, pass_signoff):
        step(outside, staff, change_id)
    path = make(outside, staff.act_as("quinn"), wanted)
    code, said = run(outside, path, capsys)
    assert code in (verify.GOOD, verify.WEAK), said
    assert "1 releases" in said
    files = read_files(path)
    assert f"payloads/{shown.digest}" in files, "the policy that the release names comes along"
