"""One prompt change goes the whole way: from the command line through four people in a real browser to closed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import Any

import pytest
from sqlalchemy import select

from tests.browser.conftest import Site
from tests.conftest import EXAMPLES, Clock, Staff
from tests.people import PASSWORD
from tests.rollouts import call_all
from tests.stages import change_in
from tests.web.client import code_for
from tests.whole_log import check_log, replay_stages
from webapp.acts.jobs import lease, overdue
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import AuditSample, Change, PolicyRow
from webapp.domain.cohorts import Place
from webapp.domain.post_audit import HARMS
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.errors import Conflict
from webapp.services import delivery, evaluation, post_audit, rollout
from webapp.services.submission import Submission
from webapp.services.tokens import TokenRequest, make_token

NAME = "clinical-summarization"
FOLDER = EXAMPLES / NAME


def run_command(site: Site, outside: Outside, token: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``formulary`` in a process of its own, while a worker in this one does what it asks for."""
    command = [sys.executable, "-m", "webapp.cli", *arguments, "--server", site.url, "--token", token]
    is_over = threading.Event()
    worker = threading.Thread(target=work_until, args=(outside, is_over))
    worker.start()
    try:
        return subprocess.run(command, capture_output=True, text=True, cwd=EXAMPLES.parent, timeout=240, check=False)
    finally:
        is_over.set()
        worker.join()


def work_until(outside: Outside, is_over: threading.Event) -> None:
    """A worker in a thread of its own, because the browser's driver keeps an event loop in this one."""
    while not is_over.wait(0.2):
        for job_id in overdue(outside):
            if job := lease(outside, job_id):
                evaluation.execute_run(outside, job)


def token_of(outside: Outside, staff: Staff, name: str, *scopes: str) -> str:
    asked = TokenRequest(f"{name} {scopes[0]}", scopes, (), "Clinical systems desk", "555-0100", 30)
    return make_token(outside, staff.act_as(name), asked)


def digest_of(outside: Outside, change_id: str) -> str:
    with outside.database.reading() as session:
        return session.get_one(Change, change_id).digest


def stage_of(outside: Outside, change_id: str) -> str:
    with outside.database.reading() as session:
        return session.get_one(Change, change_id).stage


def encounters(count: int) -> list[str]:
    return [f"encounter-{number}" for number in range(count)]


def make_first_version_live(outside: Outside, staff: Staff, clock: Clock) -> None:
    plan = {"steps": [{"kind": "direct", "bake_seconds": 60, "min_units": 1}]}
    cases = (FOLDER / "evaluation" / "test-cases.jsonl").read_bytes()
    change_id = change_in(
        outside, staff, "rollout", Submission((FOLDER / "v1.1.yaml").read_bytes(), suite=cases, plan=plan)
    )
    rollout.start(outside, staff.act_as("ada"), change_id, digest_of(outside, change_id))
    call_all(outside, staff, change_id, encounters(100))
    clock.forward(hours=1)
    rollout.complete(outside, staff.act_as("kim"), change_id, digest_of(outside, change_id), "Quiet.", PASSWORD)


def press(page: Any, button: Any) -> None:
    """The button is pressed and the page it leads to has arrived."""
    with page.expect_navigation():
        button.click()


def declare_git_authors_external(page: Any, change_id: str) -> None:
    """Whoever wrote the file in git and is nobody here is said to be external, before review opens."""
    page.goto(f"/changes/{change_id}")
    while page.locator("select:has(option[value=external])").count():
        form = page.locator("form:has(option[value=external])").first
        form.locator("select").select_option("external")
        press(page, form.get_by_role("button"))
        page.goto(f"/changes/{change_id}")


def open_every_worst_case(page: Any) -> None:
    while page.get_by_role("button", name="Open case").count():
        press(page, page.get_by_role("button", name="Open case").first)


def review_in_browser(page: Any, change_id: str) -> None:
    address = f"/changes/{change_id}/review"
    page.goto(address)
    open_every_worst_case(page)
    findings = page.locator("#findings summary").get_by_text("Decide", exact=True)
    while findings.count():
        findings.first.click()
        form = page.locator("#findings details[open] form").first
        form.locator("input[value=dismissed]").check()
        form.locator("textarea[name=reason]").fill(
            "Compared with the encounter; the draft is corrected by a clinician."
        )
        press(page, form.get_by_role("button", name="Save the decision"))
        page.goto(address)
    for box in page.locator("#checklist input[type=checkbox]").all():
        box.check()
    press(page, page.get_by_role("button", name="Save the checklist"))
    page.goto(address)
    assert page.locator("#approve-sentence").count(), page.inner_text("#approve")
    page.get_by_label("One sentence for the physician").fill(
        "Read every line and the worst cases; better than what is live."
    )
    page.get_by_label("What changes is described rightly").check()
    page.locator("#approve-password").fill(PASSWORD)
    press(page, page.get_by_role("button", name="Approve and pass to a physician"))


def sign_in_browser(page: Any, change_id: str, code: str) -> None:
    page.goto(f"/changes/{change_id}/signoff")
    open_every_worst_case(page)
    assert page.locator("#sign-password").count(), page.inner_text("#sign")
    page.locator("#sign-password").fill(PASSWORD)
    page.locator("#sign-password-code").fill(code)
    page.locator("#sign-password").press("Enter")
    assert page.get_by_role("button", name="Sign version").count() or page.get_by_role("button", name="Sign ").count()
    press(page, page.locator("#sign form button.primary"))


def take_move(page: Any, label: str, reason: str | None = None) -> None:
    """A move of the rollout or audit page, with reason and password where it asks for them."""
    if reason is None:
        page.get_by_role("button", name=label, exact=True).click()
    else:
        page.locator("summary", has_text=label).first.click()
        move = page.locator("details.move[open]")
        move.locator("textarea[name=reason]").fill(reason)
        move.locator("input[name=password]").fill(PASSWORD)
        press(page, move.locator("button.button"))


def grade_everything(outside: Outside, staff: Staff, change_id: str) -> None:
    with outside.database.reading() as session:
        samples = list(session.scalars(select(AuditSample.id).where(AuditSample.change_id == change_id)))
    given = post_audit.GradeGiven(True, True, HARMS[0], {name: 4 for name, _ in post_audit.RUBRIC})
    for sample in samples:
        for name in ("lee", "lund"):
            post_audit.grade(outside, staff.act_as(name), change_id, sample, given)


def test_a_change_goes_from_the_command_line_through_four_people_to_closed(
    site: Site, outside: Outside, staff: Staff, clock: Clock
) -> None:
    token = token_of(outside, staff, "ada", "submit", "read")
    token_of(outside, staff, "ruth", "deliver", "report")
    make_first_version_live(outside, staff, clock)

    submitted = run_command(site, outside, token, "submit", str(FOLDER / "v2.0.yaml"), "--wait")
    assert submitted.returncode == 0, submitted.stdout + submitted.stderr
    assert "120 cases" in submitted.stdout
    with outside.database.reading() as session:
        change_id = session.scalars(select(Change.id).where(Change.stage != "post_audit")).one()
    ada = site.sign_in("ada")
    declare_git_authors_external(ada, change_id)
    evaluation.settle_all(outside)
    assert stage_of(outside, change_id) == "review"

    kim = site.sign_in("kim")
    assert kim.get_by_role("link", name=NAME).count() >= 1, "the change waits in the reviewer's inbox"
    review_in_browser(kim, change_id)
    assert stage_of(outside, change_id) == "signoff"

    page = site.sign_in("osei")
    sign_in_browser(page, change_id, code_for(outside, "osei@example.org"))
    assert stage_of(outside, change_id) == "rollout"
    assert delivery.serve(outside, NAME, Place("anybody")).document["version"]["label"] == "1.1", (
        "signed is not started"
    )

    ada.goto(f"/changes/{change_id}/rollout")
    take_move(ada, "Start the rollout")
    call_all(outside, staff, change_id, encounters(2_000))
    lee = site.sign_in("lee")
    lee.goto(f"/changes/{change_id}/rollout")
    assert "The waiting time of this step ends" in lee.inner_text("main")
    assert lee.locator("summary", has_text="Advance to the next step").count() == 0
    steps = (
        (0, "Advance to the next step"),
        (2_000, "Advance to the next step"),
        (720, "Advance to the next step"),
        (205, "Complete the rollout"),
    )
    for count, label in steps:
        call_all(outside, staff, change_id, encounters(count))
        clock.forward(hours=49)
        lee = site.sign_in("lee")
        lee.goto(f"/changes/{change_id}/rollout")
        take_move(lee, label, "Looked at the safety limits; all quiet.")
    assert stage_of(outside, change_id) == "post_audit"
    assert delivery.serve(outside, NAME, Place("anybody")).document["version"]["label"] == "2.0"

    grade_everything(outside, staff, change_id)
    lund = site.sign_in("lund")
    lund.goto(f"/changes/{change_id}/follow-up-audit")
    lund.locator("summary", has_text="Conclude the follow-up audit").click()
    lund.get_by_label("Next review on").fill("2026-09-01")
    move = lund.locator("details.move[open]")
    move.locator("textarea[name=reason]").fill("Accurate in the sample; no harm seen.")
    move.locator("input[name=password]").fill(PASSWORD)
    press(lund, move.locator("button.button"))
    assert stage_of(outside, change_id) == "closed"
    assert replay_stages(outside)[change_id] == "closed"
    assert check_log(outside)[2]


def test_a_worse_version_is_stopped_at_evaluation_with_the_cases_that_show_why(
    site: Site, outside: Outside, staff: Staff, clock: Clock
) -> None:
    token = token_of(outside, staff, "ada", "submit", "read")
    token_of(outside, staff, "ruth", "deliver", "report")
    make_first_version_live(outside, staff, clock)
    worse = EXAMPLES.parent / "tests" / "fixtures" / "prompts" / "clinical-summarization-worse.yaml"
    suite = FOLDER / "evaluation" / "test-cases.jsonl"
    done = run_command(site, outside, token, "submit", str(worse), "--suite", str(suite), "--wait")
    assert done.returncode in (1, 3), done.stdout + done.stderr
    with outside.database.reading() as session:
        change_id = session.scalars(select(Change.id).where(Change.stage == "evaluation")).one()
    page = site.sign_in("ada")
    page.goto(f"/changes/{change_id}/evaluation")
    text = page.inner_text("main")
    assert "Worse" in text or "Too few cases" in text
    assert page.get_by_role("link", name="ed-").count() + page.get_by_role("link", name="cl-").count() > 0


def let_administrative_changes_pass_unreviewed(outside: Outside) -> None:
    with outside.database.writing() as session:
        document = json.loads(session.scalars(select(PolicyRow)).one().content)
        document["classes"]["administrative"]["passes_unreviewed"] = True
        content = canonical(document)
        session.add(PolicyRow(version=2, sha256=sha256_hex(content), content=content, adopted_at=outside.now()))


def test_a_prompt_called_administrative_by_its_author_meets_a_person_the_first_time(
    site: Site, outside: Outside, staff: Staff
) -> None:
    let_administrative_changes_pass_unreviewed(outside)
    token = token_of(outside, staff, "ada", "submit", "read")
    done = run_command(
        site, outside, token, "submit", str(FOLDER / "v2.0.yaml"), "--risk-class", "administrative", "--wait"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with outside.database.reading() as session:
        change_id = session.scalars(select(Change.id)).one()
    declare_git_authors_external(site.sign_in("ada"), change_id)
    evaluation.settle_all(outside)
    assert stage_of(outside, change_id) == "review"
    with pytest.raises(Conflict):
        delivery.serve(outside, NAME, Place("anybody"))

    kim = site.sign_in("kim")
    assert kim.get_by_role("heading", name="Waiting for me: 1").count() == 1
    kim.goto(f"/changes/{change_id}/review")
    assert kim.locator("summary", has_text="Confirm the risk class").count() == 1
    assert kim.locator("#approve-sentence").count() == 0, "no approval before the class is confirmed by a signature"
