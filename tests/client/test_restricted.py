"""What is live is restricted: an application elsewhere gets the downtime text by its own decision, also while it is cut off."""

from __future__ import annotations

import pytest

from formulary_client import Restricted
from tests import rollouts as r
from tests.client.ward import Ward
from tests.conftest import Staff
from tests.services import test_restricting as restricted
from webapp.adapters.outside import Outside


def test_an_application_elsewhere_shows_the_downtime_text(outside: Outside, staff: Staff, ward: Ward) -> None:
    r.live_first(outside, staff)
    ward.look()
    client = ward.client()
    assert client.resolve(r.NAME, unit="encounter-1", site="South").version["label"] == "1.0"
    restricted.restrict(outside, staff, restricted.given(outside, "North"))
    ward.look()
    assert client.poll()
    assert client.resolve(r.NAME, unit="encounter-1", site="North").version["label"] == "1.0"
    for site in ("South", ""):
        with pytest.raises(Restricted) as left_out:
            client.resolve(r.NAME, unit="encounter-1", site=site)
        assert left_out.value.downtime_text == restricted.TEXT
    ward.line.is_up = False
    with pytest.raises(Restricted):
        ward.client().resolve(r.NAME, unit="encounter-1", site="South")
