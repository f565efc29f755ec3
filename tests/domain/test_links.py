"""Links of applications: https to one host, one place, the reference encoded whole."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.domain.links import check_pattern, link_to
from webapp.errors import InvalidInput

PATTERN = "https://ehr.example/encounter/{ref}"


@pytest.mark.parametrize(
    "pattern",
    [PATTERN, "https://ehr.example:8443/open?id={ref}&tab=notes", "https://ehr.example/#/enc/{ref}", "https://e/{ref}"],
)
def test_an_address_with_one_place_is_a_pattern(pattern: str) -> None:
    check_pattern(pattern)


BAD = {
    "no https": "http://ehr.example/{ref}",
    "a script": "javascript:alert('{ref}')",
    "no place": "https://ehr.example/encounter/",
    "two places": "https://ehr.example/{ref}/{ref}",
    "another place": "https://ehr.example/{ref}/{name}",
    "a brace": "https://ehr.example/{ref}}",
    "the host from the reference": "https://{ref}.example/x",
    "the port from the reference": "https://ehr.example:{ref}/x",
    "no path": "https://ehr.example?x={ref}",
    "a name and password": "https://ehr.example@evil.example/{ref}",
    "a back-slash": "https://ehr.example\\@evil.example/{ref}",
    "no host": "https:///{ref}",
    "a space": "https://ehr.example/a b/{ref}",
    "a line break": "https://ehr.example/\n{ref}",
    "a quotation mark": 'https://ehr.example/"onclick="{ref}',
    "a tag": "https://ehr.example/<b>{ref}",
    "letters beyond ASCII": "https://ehr.ex\u0430mple/{ref}",
    "a way back": "https://ehr.example/a/../{ref}",
    "a hidden way back": "https://ehr.example/a/%2E%2e/{ref}",
    "too long": "https://ehr.example/" + "x" * 300 + "{ref}",
    "empty": "",
}


@pytest.mark.parametrize("pattern", BAD.values(), ids=BAD)
def test_anything_else_is_refused_with_a_sentence(pattern: str) -> None:
    with pytest.raises(InvalidInput, match="A link pattern"):
        check_pattern(pattern)


@settings(max_examples=40)
@given(
    st.text(min_size=1, max_size=200).filter(lambda text: not any("\ud800" <= letter <= "\udfff" for letter in text))
)
def test_whatever_the_reference_holds_it_stays_one_part_of_the_path(reference: str) -> None:
    address = link_to(PATTERN, reference)
    if reference in (".", ".."):
        assert address is None
    else:
        assert address is not None
        parts = urlsplit(address)
        assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("https", "ehr.example", "", "")
        assert [unquote(part) for part in parts.path.split("/")] == ["", "encounter", reference]


def test_a_reference_is_never_expanded_again_and_leads_nowhere_else() -> None:
    assert link_to(PATTERN, "{ref}") == "https://ehr.example/encounter/%7Bref%7D"
    assert link_to("https://ehr.example/a.{ref}", "x") == "https://ehr.example/a.x"
    assert link_to("https://ehr.example/.{ref}/x", ".") is None
    assert link_to(PATTERN, None) is None
    assert link_to("", "note/7") is None
