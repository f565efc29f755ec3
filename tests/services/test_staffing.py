"""Who can still act: class by class, step by step."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from tests.conftest import Staff
from tests.people import add_app, again
from webapp.acts.staffing import StaffLine
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person
from webapp.errors import Refused
from webapp.services import people, staffing, submission


def line(outside: Outside, staff: Staff, risk_class: str, step: str) -> StaffLine:
    view = staffing.show_staffing(outside, staff.act_as("ruth"))
    return next(one for one in view.lines if (one.risk_class, one.step) == (risk_class, step))


def test_every_class_names_who_could_do_each_step(outside: Outside, staff: Staff) -> None:
    review = line(outside, staff, "clinical", "Review")
    assert (review.people, review.state) == (("Kim", "Lee", "Moss"), "enough")
    signing = line(outside, staff, "clinical", "Sign-off")
    assert (signing.people, signing.needed, signing.state) == (("Lund", "Moss", "Osei"), 1, "enough")


def test_without_passkeys_nobody_signs_high_risk_and_it_is_said_what_is_missing(outside: Outside, staff: Staff) -> None:
    signing = line(outside, staff, "high_risk", "Sign-off")
    assert (signing.people, signing.needed, signing.state) == ((), 2, "none")
    assert signing.nearly == (("Lund", "no passkey"), ("Moss", "no passkey"), ("Osei", "no passkey"))
    assert staffing.show_staffing(outside, staff.act_as("quinn")).none > 0


def test_whoever_left_or_lacks_credentials_does_not_count(outside: Outside, staff: Staff) -> None:
    people.deactivate(outside, staff.act_as("ruth"), staff.ids["moss"])
    with outside.database.writing() as session:
        session.execute(update(Person).where(Person.id == staff.ids["lund"]).values(credentials_confirmed_at=None))
    signing = line(outside, staff, "clinical", "Sign-off")
    assert (signing.people, signing.state) == (("Osei",), "scarce")
    assert signing.nearly == (("Lund", "credentials not confirmed"),)
    people.deactivate(outside, staff.act_as("ruth"), staff.ids["osei"])
    assert line(outside, staff, "clinical", "Sign-off").state == "none"


def test_whose_second_factors_were_taken_away_signs_nothing_and_it_is_said(outside: Outside, staff: Staff) -> None:
    ruth = staff.act_as("ruth")
    people.reset_factors(outside, ruth, again(outside, ruth.id), staff.ids["osei"])
    add_app(outside, staff.ids["osei"])
    signing = line(outside, staff, "clinical", "Sign-off")
    assert signing.people == ("Lund", "Moss")
    assert signing.nearly == (("Osei", "second factors taken away, and nobody has confirmed new ones yet"),)
    assert "Osei" not in line(outside, staff, "clinical", "Rollout: hold and roll back").people


def test_the_author_sees_at_submission_who_could_decide_without_the_author(outside: Outside, staff: Staff) -> None:
    people.grant_role(outside, staff.act_as("ruth"), staff.ids["kim"], "author")
    view = submission.show_new(outside, staff.act_as("kim"), None)
    assert view.reviewers == ("Lee", "Moss")
    assert {one.risk_class for one in view.staff if one.state == "none"} == {"high_risk"}


@pytest.mark.parametrize("name", ["ada", "kim", "osei"])
def test_the_check_is_for_those_who_read_people(outside: Outside, staff: Staff, name: str) -> None:
    with pytest.raises(Refused):
        staffing.show_staffing(outside, staff.act_as(name))
