"""The sign-off page, the signature, its receipt and its two documents."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from jinja2_fragments.flask import render_block

from webapp.domain.workflow.grants import Right
from webapp.services import evaluation, public_log, signoff
from webapp.web.access import needs, takes_any_move, takes_move
from webapp.web.context import actor, outside
from webapp.web.deciding import FRESH, password, sign_move, typed
from webapp.web.decision_pages import signoff_page
from webapp.web.errors import as_json
from webapp.web.handed_in import read_evidence

room = Blueprint("signoff", __name__)
RECEIPT = "signoff/receipt.html"


@room.get("/changes/<change_id>/signoff")
@needs(Right.READ_CHANGES)
def show(change_id: str) -> Any:
    """The sign-off as this person meets it."""
    return signoff_page(change_id, FRESH)


@room.post("/changes/<change_id>/signoff/cases/<case_id>")
@needs(Right.REVIEW_CASES)
def open_case(change_id: str, case_id: str) -> Any:
    """The case was opened by this person, and stands open on the page."""
    evaluation.open_case(outside(), actor(), change_id, case_id)
    return redirect(url_for("signoff.show", change_id=change_id, _anchor=f"case-{case_id}"), 303)


@room.post("/changes/<change_id>/moves/sign")
@takes_move("sign")
def sign(change_id: str) -> Any:
    """The release is signed; the receipt follows. A second click leads to the receipt of the first."""
    return sign_move(
        "sign",
        change_id,
        lambda: signoff.sign(
            outside(),
            actor(),
            change_id,
            typed("expected_digest"),
            password(),
            seen=typed("seen"),
            sentence=typed("sentence"),
            exceptions=request.form.getlist("exceptions"),
        ),
        signoff_page,
        {"reason": "sentence"},
    )


@room.post("/changes/<change_id>/moves/<name>/passkey")
@takes_any_move
def ask_passkey(change_id: str, name: str) -> Any:
    """What the person's passkey is to sign for this move, as JSON for our script; the form says what is decided."""
    digest = typed("expected_digest")
    return as_json(lambda: signoff.ask_for_move(outside(), actor(), change_id, name, digest, read_evidence(name)))


@room.get("/signatures/<signature_id>")
@needs(Right.READ_CHANGES)
def receipt(signature_id: str) -> Any:
    """What the signer keeps, and everybody may check; with ``poll=1`` only whether it is sealed."""
    view = signoff.show_receipt(outside(), actor(), signature_id)
    if request.args.get("poll") != "1":
        return render_template(RECEIPT, view=view)
    if view.seal.is_sealed:
        return Response(headers={"HX-Refresh": "true"})
    return render_block(RECEIPT, "seal", view=view)


@room.get("/signatures/<signature_id>/envelope.json")
@needs(Right.READ_CHANGES)
def envelope(signature_id: str) -> Response:
    """The envelope as bytes."""
    return _download(signoff.read_envelope(outside(), actor(), signature_id), f"{signature_id}.dsse.json")


@room.get("/signatures/<signature_id>/entry.tlog-proof")
@needs(Right.READ_CHANGES)
def proof(signature_id: str) -> Response:
    """The proof that the signature's entry stands in the sealed log, as bytes; NotFound while it is not sealed."""
    seq = signoff.find_entry(outside(), signature_id)
    return _download(public_log.read_proof(outside(), seq), f"entry-{seq}.tlog-proof", "text/plain")


@room.get("/signatures/<signature_id>/passkey.json")
@needs(Right.READ_CHANGES)
def assertion(signature_id: str) -> Response:
    """What the passkey answered, as bytes: with it openssl alone checks the signature."""
    return _download(signoff.read_assertion(outside(), actor(), signature_id), f"{signature_id}.webauthn.json")


@room.get("/signatures/<signature_id>/display.json")
@needs(Right.READ_CHANGES)
def display(signature_id: str) -> Response:
    """What was displayed when it was signed, as bytes."""
    return _download(signoff.read_display(outside(), actor(), signature_id), f"{signature_id}.display.json")


def _download(content: bytes, name: str, mimetype: str = "application/json") -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
