"""The page of exports: asking, progress, fetching; refusals keep what was chosen."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Staff
from tests.stages import change_in
from tests.web.client import make_client, post_form, sign_in
from webapp import verify
from webapp.acts.sealing import seal
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import ExportRow, Job
from webapp.domain.record.key_card import words
from webapp.domain.workflow import Actor
from webapp.services.exporting import Wanted, export_here
from webapp.worker import work_on_job


@pytest.fixture
def quinn(outside: Outside, staff: Staff) -> FlaskClient:
    """The auditor's browser."""
    assert staff.ids
    client = make_client(outside)
    sign_in(client, "quinn")
    return client


def work(outside: Outside) -> None:
    """The worker makes what waits."""
    with outside.database.reading() as session:
        waiting = session.scalars(select(Job.id).where(Job.kind == "export", Job.state == "ready")).all()
    for job_id in waiting:
        work_on_job(outside, job_id)


def test_an_export_is_asked_for_made_and_fetched(outside: Outside, staff: Staff, quinn: FlaskClient) -> None:
    change_id = change_in(outside, staff, "review")
    assert "Nothing was exported yet" in quinn.get("/exports").get_data(as_text=True)
    assert post_form(quinn, "/exports", {"scope": "change", "change": change_id}, "/exports").status_code == 303
    waiting = quinn.get("/exports").get_data(as_text=True)
    assert "Waiting for a worker" in waiting
    assert "every 2s" in waiting
    assert "Waiting for a worker" in quinn.get("/exports?poll=1").get_data(as_text=True)
    work(outside)
    assert quinn.get("/exports?poll=1").headers["HX-Refresh"] == "true"
    page = quinn.get("/exports").get_data(as_text=True)
    assert "Download the bundle" in page
    with outside.database.reading() as session:
        export_id = session.scalars(select(ExportRow.id)).one()
    fetched = quinn.get(f"/exports/{export_id}/bundle.zip")
    assert fetched.status_code == 200
    with zipfile.ZipFile(io.BytesIO(fetched.data)) as archive:
        assert "log/checkpoint" in archive.namelist()


def test_a_period_without_days_is_refused_with_a_sentence(quinn: FlaskClient) -> None:
    answer = post_form(quinn, "/exports", {"scope": "period"}, "/exports")
    assert answer.status_code == 422
    assert "A period needs a first and a last day" in answer.get_data(as_text=True)


def test_an_audit_pack_is_asked_for_by_its_days(outside: Outside, staff: Staff, quinn: FlaskClient) -> None:
    change_in(outside, staff, "review")
    wanted = {"scope": "audit_pack", "since": "2026-03-01", "until": "2026-03-31"}
    assert post_form(quinn, "/exports", {**wanted, "since": ""}, "/exports").status_code == 422
    assert post_form(quinn, "/exports", wanted, "/exports").status_code == 303
    assert "Audit pack of 1 March 2026 to 31 March 2026" in quinn.get("/exports").get_data(as_text=True)
    work(outside)
    with outside.database.reading() as session:
        export_id = session.scalars(select(ExportRow.id)).one()
    with zipfile.ZipFile(io.BytesIO(quinn.get(f"/exports/{export_id}/bundle.zip").data)) as archive:
        assert "views/audit-pack.html" in archive.namelist()


def test_the_record_of_a_change_is_offered_on_its_page_and_fetched_as_pdf(
    outside: Outside, staff: Staff, quinn: FlaskClient
) -> None:
    change_id = change_in(outside, staff, "review")
    page = quinn.get(f"/changes/{change_id}").get_data(as_text=True)
    assert f"/exports?scope=dossier&amp;change={change_id}" in page
    form = quinn.get(f"/exports?scope=dossier&change={change_id}").get_data(as_text=True)
    assert 'value="dossier"' in form
    post_form(quinn, "/exports", {"scope": "dossier", "change": change_id}, "/exports")
    work(outside)
    assert "Download the PDF" in quinn.get("/exports").get_data(as_text=True)
    with outside.database.reading() as session:
        export_id = session.scalars(select(ExportRow.id)).one()
    fetched = quinn.get(f"/exports/{export_id}/bundle.zip")
    assert fetched.mimetype == "application/pdf"
    assert f"{export_id}.pdf" in fetched.headers["Content-Disposition"]
    assert fetched.data.startswith(b"%PDF-")
    ada = make_client(outside)
    sign_in(ada, "ada")
    assert "scope=dossier" not in ada.get(f"/changes/{change_id}").get_data(as_text=True)


def test_what_is_not_made_or_not_there_is_not_fetched(outside: Outside, quinn: FlaskClient) -> None:
    post_form(quinn, "/exports", {"scope": "all"}, "/exports")
    with outside.database.reading() as session:
        export_id = session.scalars(select(ExportRow.id)).one()
    assert quinn.get(f"/exports/{export_id}/bundle.zip").status_code == 409
    assert quinn.get("/exports/exp_none/bundle.zip").status_code == 404


def test_an_author_has_no_page_of_exports(outside: Outside, staff: Staff) -> None:
    assert staff.ids
    ada = make_client(outside)
    sign_in(ada, "ada")
    assert ada.get("/exports").status_code == 403


def test_an_export_that_gets_nowhere_fails_visibly(outside: Outside, staff: Staff, quinn: FlaskClient) -> None:
    assert staff.ids
    post_form(quinn, "/exports", {"scope": "all"}, "/exports")
    with outside.database.writing() as session:
        job = session.scalars(select(Job)).one()
        job.attempts = 6
    work(outside)
    assert "Not made." in quinn.get("/exports").get_data(as_text=True)
    with outside.database.reading() as session:
        export_id = session.scalars(select(ExportRow.id)).one()
    assert post_form(quinn, f"/exports/{export_id}/again", {}, "/exports").status_code == 303
    work(outside)
    page = quinn.get("/exports").get_data(as_text=True)
    assert page.count("Download the bundle") == 1
    assert page.count("Make it again") == 1


def test_the_auditor_takes_the_slip_along_and_a_verifier_takes_it(
    outside: Outside, quinn: FlaskClient, tmp_path: Path
) -> None:
    assert "No checkpoint yet" in quinn.get("/exports").get_data(as_text=True)
    assert quinn.get("/exports/slip.txt").status_code == 404
    seal(outside)
    page = quinn.get("/exports").get_data(as_text=True)
    fetched = quinn.get("/exports/slip.txt")
    assert "attachment" in fetched.headers["Content-Disposition"]
    note = verify.Checkpoint(fetched.data, "slip")
    assert f"{note.origin} {note.size} " in page
    outsider = Actor(id="console", name="Console", via="console")
    export_here(outside, outsider, Wanted("all"), tmp_path / "all.zip", lambda done, planned: None)
    key = verify.Key(outside.notary.held().key.to_vkey())
    code, report = verify.verify(tmp_path / "all.zip", [key], note)
    assert code == verify.GOOD, report
    assert "is a prefix" in "".join(report)


def test_the_key_card_is_a_page_for_paper(outside: Outside, quinn: FlaskClient) -> None:
    page = quinn.get("/exports/key-card").get_data(as_text=True)
    key = outside.notary.held().key
    assert key.to_vkey().replace("+", "&#43;") in page or key.to_vkey() in page
    assert words(key).split()[0] in page
    assert "data:image/svg" in page
    assert "Received on" in page


@pytest.mark.parametrize("scope", ["period", "audit_pack"])
def test_a_period_without_an_end_goes_to_the_end_of_time(outside: Outside, quinn: FlaskClient, scope: str) -> None:
    days = {"scope": scope, "since": "0001-01-01", "until": "9999-12-31"}
    assert post_form(quinn, "/exports", days, page="/exports").status_code == 303
    with outside.database.reading() as session:
        row = session.scalars(select(ExportRow)).one()
        assert row.until is not None
        assert row.until.year == 9999
