"""One signature or none on both databases: double clicks, two physicians at once, signing against declining, a stale page."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest
from sqlalchemy import func, select

from tests.conftest import Staff
from tests.passkeys import SoftPasskey, add_passkey
from tests.people import again, join
from tests.services.submissions import good, prompt_bytes
from tests.stages import change_in, digests, open_worst_cases, stage_of
from tests.store.test_moves_at_once import at_once, require_whole_log
from webapp.acts.reauthentication import Given
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Release, Signature
from webapp.assembly import prepare
from webapp.errors import Stale
from webapp.services import comments, review, signoff

PHYSICIANS = ("osei", "lund", "moss")
SECOND = (
    "AlreadyDone",
    "Conflict",
    "NotSignedIn",
    "Refused",
)  # after the first, or before it ended: then what it gave is used up already
ROLES = {"ada": "author", "kim": "informaticist", **dict.fromkeys(PHYSICIANS, "physician")}


@pytest.fixture
def staff(house: Outside) -> Staff:
    """An open house with three physicians in it."""
    prepare(house)
    return Staff(house, {name: join(house, name, (role,)) for name, role in ROLES.items()})


@pytest.fixture
def keys(house: Outside, staff: Staff) -> dict[str, SoftPasskey]:
    return {name: add_passkey(house, staff.ids[name], number) for number, name in enumerate(PHYSICIANS, 1)}


def at_signoff(house: Outside, staff: Staff, risk_class: str = "clinical") -> str:
    wanted = good(prompt=prompt_bytes(risk_class=risk_class), risk_class=risk_class)
    change_id = change_in(house, staff, "signoff", wanted)
    for name in PHYSICIANS:
        open_worst_cases(house, staff, change_id, name)
    return change_id


def signing(house: Outside, staff: Staff, change_id: str, name: str, given: Given) -> partial[object]:
    """The click of this person, with the page as it is now."""
    digest, seen = digests(house, change_id)
    return partial(signoff.sign, house, staff.act_as(name), change_id, digest, given, seen=seen)


def asked(house: Outside, staff: Staff, keys: dict[str, SoftPasskey], change_id: str, name: str) -> Given:
    digest, _ = digests(house, change_id)
    return keys[name].answer(signoff.ask_to_sign(house, staff.act_as(name), change_id, digest))


def standing(house: Outside, change_id: str) -> tuple[int, int]:
    """How many signatures of physicians stand, and how many releases were made."""
    signed = select(func.count()).where(
        Signature.change_id == change_id, Signature.move == "sign", Signature.voided_at.is_(None)
    )
    made = select(func.count()).where(Release.change_id == change_id)
    with house.database.reading() as session:
        return session.scalar(signed) or 0, session.scalar(made) or 0


@pytest.mark.parametrize("risk_class", ["clinical", "high_risk"])
def test_the_same_click_many_times_at_once_signs_once(
    house: Outside, staff: Staff, keys: dict[str, SoftPasskey], risk_class: str
) -> None:
    change_id = at_signoff(house, staff, risk_class)
    click = signing(house, staff, change_id, "osei", asked(house, staff, keys, change_id, "osei"))
    outcomes = at_once([click] * 4, 4)
    assert outcomes["done"] == 1
    assert set(outcomes) <= {"done", *SECOND}
    assert standing(house, change_id) == ((1, 1) if risk_class == "clinical" else (1, 0))
    require_whole_log(house)


def test_the_same_code_many_times_at_once_signs_once(house: Outside, staff: Staff) -> None:
    change_id = at_signoff(house, staff)
    click = signing(house, staff, change_id, "osei", again(house, staff.ids["osei"]))
    outcomes = at_once([click] * 4, 4)
    assert outcomes["done"] == 1
    assert set(outcomes) <= {"done", *SECOND}
    assert standing(house, change_id) == (1, 1)


def test_of_three_physicians_at_once_one_signs_a_clinical_release(house: Outside, staff: Staff) -> None:
    change_id = at_signoff(house, staff)
    clicks = [signing(house, staff, change_id, name, again(house, staff.ids[name])) for name in PHYSICIANS]
    assert at_once(clicks, 3) == Counter(done=1, Conflict=2)
    assert standing(house, change_id) == (1, 1)
    require_whole_log(house)


def test_of_three_physicians_at_once_one_is_the_first_of_two_and_the_others_read_anew(
    house: Outside, staff: Staff, keys: dict[str, SoftPasskey]
) -> None:
    change_id = at_signoff(house, staff, "high_risk")
    clicks = [signing(house, staff, change_id, name, asked(house, staff, keys, change_id, name)) for name in PHYSICIANS]
    assert at_once(clicks, 3) == Counter(done=1, Stale=2)
    assert (standing(house, change_id), stage_of(house, change_id)) == ((1, 0), "signoff")
    with house.database.reading() as session:
        first = session.scalars(select(Signature.signer_id).where(Signature.move == "sign")).one()
    left = [name for name in PHYSICIANS if staff.ids[name] != first]
    clicks = [signing(house, staff, change_id, name, asked(house, staff, keys, change_id, name)) for name in left]
    assert at_once(clicks, 2) == Counter(done=1, Conflict=1)
    assert (standing(house, change_id), stage_of(house, change_id)) == ((2, 1), "rollout")
    require_whole_log(house)


def test_signing_and_declining_at_once_is_one_of_them(house: Outside, staff: Staff) -> None:
    change_id = at_signoff(house, staff)
    digest, _ = digests(house, change_id)
    decline = partial(
        review.reject, house, staff.act_as("lund"), change_id, digest, "Not for our wards.", again(house, staff.ids["lund"])
    )  # fmt: skip
    sign = signing(house, staff, change_id, "osei", again(house, staff.ids["osei"]))
    assert at_once([sign, decline], 2) == Counter(done=1, Conflict=1)
    is_signed = stage_of(house, change_id) == "rollout"
    assert standing(house, change_id) == ((1, 1) if is_signed else (0, 0))
    require_whole_log(house)


def test_a_stale_page_signs_nothing(house: Outside, staff: Staff, keys: dict[str, SoftPasskey]) -> None:
    change_id = at_signoff(house, staff)
    by_code = signing(house, staff, change_id, "osei", again(house, staff.ids["osei"]))
    by_key = signing(house, staff, change_id, "lund", asked(house, staff, keys, change_id, "lund"))
    comments.write(house, staff.act_as("moss"), change_id, comments.Draft("question", "Is the dose right?"))
    for click in (by_code, by_key):
        with pytest.raises(Stale):
            click()
    assert standing(house, change_id) == (0, 0)
