"""A live release is left to fewer places by a signed act that nothing but a password holds up, and widened by nothing but a release."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from tests import rollouts as r
from tests.conftest import Staff
from tests.people import PASSWORD
from tests.services.submissions import good
from webapp.acts.reauthentication import Given
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf, Prompt, Release
from webapp.domain.cohorts import Place
from webapp.errors import Conflict, InvalidInput, NotFound, NotSignedIn, Refused, Stale
from webapp.services import delivery, restricting, submission
from webapp.services.delivery import Shelves
from webapp.services.restricting import Restricting

TEXT = "Write the note by hand."
NORTH, SOUTH = Place("encounter-1", "North"), Place("encounter-1", "South")


def live(outside: Outside) -> Release:
    with outside.database.reading() as session:
        prompt = session.scalars(select(Prompt)).one()
        return session.get_one(Release, prompt.live_release_id)


def given(outside: Outside, *sites: str, reason: str = "Wrong units at South.", **more: Any) -> Restricting:
    return Restricting(live(outside).manifest_sha256, {"sites": sites, **more}, reason)


def restrict(outside: Outside, staff: Staff, wanted: Restricting, name: str = "osei", password: Any = PASSWORD) -> None:
    restricting.restrict(outside, staff.act_as(name), r.NAME, wanted, password)


def label(outside: Outside, place: Place) -> str:
    return str(delivery.serve(outside, r.NAME, place).document["version"]["label"])


def refused(outside: Outside, place: Place) -> Conflict:
    with pytest.raises(Conflict) as found:
        delivery.serve(outside, r.NAME, place)
    return found.value


def test_whoever_is_left_out_gets_the_downtime_text_with_everything_down_too(outside: Outside, staff: Staff) -> None:
    r.live_first(outside, staff)
    restrict(outside, staff, given(outside, "North"), password=Given(PASSWORD))
    for place in (SOUTH, Place("encounter-1")):
        error = refused(outside, place)
        assert (error.code, error.details["downtime_text"]) == ("restricted", TEXT)
        assert "restricted to sites North" in error.sentence
    assert label(outside, NORTH) == "1.0"
    shelves, copy = Shelves(outside), Shelves(outside)
    shelves.look()
    assert copy.load(), "the copy on the disk"
    for one in (shelves, copy):
        with pytest.raises(Conflict, match="restricted"):
            one.serve(r.NAME, SOUTH)
        assert one.serve(r.NAME, NORTH).document["arm"] == "live"


def test_a_restriction_is_signed_entered_by_digest_and_only_gets_narrower(outside: Outside, staff: Staff) -> None:
    r.live_first(outside, staff)
    restrict(outside, staff, given(outside, "North", "South", departments=("ICU",)), "kim")
    with outside.database.reading() as session:
        leaf = json.loads(session.scalars(select(Leaf.content).where(Leaf.type == "release.restricted")).one())
    assert leaf["entity"]["id"] == live(outside).id
    assert (leaf["after"]["state"], len(leaf["attest"])) == ("restricted", 1)
    assert "North" not in json.dumps(leaf)
    assert label(outside, Place("encounter-1", "South", "ICU")) == "1.0"
    assert refused(outside, NORTH).code == "restricted"
    (shown,) = restricting.show_restricting(outside, staff.act_as("quinn"), r.NAME).acts
    assert (shown.words, shown.name, shown.reason) == (
        "sites North, South; departments ICU",
        "Kim",
        "Wrong units at South.",
    )
    icu: dict[str, Any] = {"departments": ("ICU",)}
    for wanted, sentence in (
        (given(outside, "North", "West", **icu), "fewer of these"),
        (given(outside, "South", "North", **icu), "exactly these already"),
        (given(outside, "North", applications=("Ward system",)), "fewer of these"),
    ):
        with pytest.raises(InvalidInput, match=sentence):
            restrict(outside, staff, wanted)
    restrict(outside, staff, given(outside, "North", **icu))
    assert refused(outside, Place("encounter-1", "South", "ICU")).code == "restricted"


def test_who_may_not_and_what_is_incomplete_restricts_nothing(outside: Outside, staff: Staff) -> None:
    with pytest.raises(NotFound):
        restricting.show_restricting(outside, staff.act_as("osei"), r.NAME)
    r.live_first(outside, staff)
    for name in ("ada", "quinn", "ruth"):
        with pytest.raises(Refused):
            restrict(outside, staff, given(outside, "North"), name)
    with pytest.raises(Refused, match="signed in"):
        restricting.restrict(outside, staff.act_as("osei", via="token"), r.NAME, given(outside, "North"), PASSWORD)
    for wanted in (
        given(outside),
        given(outside, "x" * 201),
        given(outside, "a\x00b"),
        given(outside, "North", reason=" "),
    ):
        with pytest.raises(InvalidInput):
            restrict(outside, staff, wanted)
    with pytest.raises(NotSignedIn):
        restrict(outside, staff, given(outside, "North"), password="wrong")
    with pytest.raises(Stale):
        restrict(outside, staff, Restricting("0" * 64, {"sites": ("North",)}, "Wrong."))
    assert label(outside, SOUTH) == "1.0"


def test_a_rollout_of_another_release_goes_on_beside_it(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    restrict(outside, staff, given(outside, "North"))
    inside, left = next(r.inside_units(outside, change_id)), next(r.outside_units(outside, change_id))
    assert label(outside, Place(inside, "South")) == "1.1", "whoever its signed plan takes gets the new one"
    assert refused(outside, Place(left, "South")).code == "restricted"
    assert label(outside, Place(left, "North")) == "1.0"


def test_only_a_release_that_went_the_whole_way_is_for_everybody_again(outside: Outside, staff: Staff) -> None:
    r.live_first(outside, staff)
    same = good()
    with pytest.raises(Conflict, match="Nothing changed"):
        submission.submit(outside, staff.act_as("ada"), same)
    restrict(outside, staff, given(outside, "North"))
    again = r.started(outside, staff, r.DIRECT)
    assert label(outside, SOUTH) == "1.0", "the same bytes, evaluated, reviewed, signed and rolled out once more"
    r.roll_back(outside, staff, again)
    assert refused(outside, SOUTH).code == "restricted", "what is live again is restricted as it was"


def test_a_hand_in_the_database_widens_nothing(outside: Outside, staff: Staff) -> None:
    r.live_first(outside, staff)
    restrict(outside, staff, given(outside, "North"))
    r.tamper(outside, "UPDATE restrictions SET only = :only", only='{"sites": ["North", "South"]}')
    for place in (NORTH, SOUTH):
        with pytest.raises(Refused) as bent:
            delivery.serve(outside, r.NAME, place)
        assert bent.value.code == "release_tampered"
    r.tamper(outside, "DELETE FROM restrictions")
    with pytest.raises(Refused):
        delivery.serve(outside, r.NAME, SOUTH)
