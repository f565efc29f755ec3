"""The search in processes of its own. The real one is started once for the session."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from webapp.adapters.phi import IdentifierSearch, searching
from webapp.adapters.phi.pool import COMMAND
from webapp.adapters.phi.searching import serve
from webapp.domain.identifiers.kinds import Sighting
from webapp.errors import Unavailable
from webapp.settings import PACKAGE

ECHO = """
import json, sys
print(json.dumps("ready"), flush=True)
for line in sys.stdin:
    if "DIE" in line:
        break
    print(json.dumps([[["name", 0, len(text), True]] for text in json.loads(line)]), flush=True)
"""


@pytest.fixture
def echoing() -> Iterator[IdentifierSearch]:
    search = IdentifierSearch(processes=2, command=(sys.executable, "-c", ECHO))
    yield search
    search.close()


def kinds(found: tuple[Sighting, ...] | None) -> list[str]:
    assert found is not None
    return [one.kind for one in found]


def test_names_numbers_and_odd_letters_are_found_by_the_real_search(real_search: IdentifierSearch) -> None:
    texts = [
        "Mrs. Jane Doe, MRN 5520-914, born 3 March 1978, call +44 20 7946 0958.",
        "We spoke with Oluwadamilare Bankole today.",
        "Nothing here.",
        "",
        "half \ud800 a letter, ssn 123-45-6789",
        "IBAN GB33BUKB20201555555555, card 4111 1111 1111 1111",
    ]
    first, second, third, fourth, fifth, sixth = real_search.find(texts)
    assert kinds(first) == ["name", "mrn", "date_of_birth", "phone"]
    assert kinds(second) == ["name"]
    assert not second[0].sure
    assert third == fourth == ()
    assert kinds(fifth) == ["ssn"]
    assert kinds(sixth) == ["account", "account"]


def test_the_searching_process_cannot_reach_the_network() -> None:
    program = (
        "import sys; from webapp.adapters.phi.searching import refuse_network; sys.addaudithook(refuse_network); import socket\n"
        "try: socket.create_connection((sys.argv[1], int(sys.argv[2])))\n"
        "except PermissionError: print('refused')"
    )
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        command = [sys.executable, "-c", program, *map(str, listening.getsockname())]
        done = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "refused"


def test_two_processes_keep_the_order_of_the_texts(echoing: IdentifierSearch) -> None:
    found = echoing.find(["a" * length for length in range(7)])
    assert [one[0].end for one in found if one] == list(range(7))


def test_a_process_that_died_is_unavailable_once_and_then_replaced(echoing: IdentifierSearch) -> None:
    with pytest.raises(Unavailable, match="broke off"):
        echoing.find(["DIE"])
    assert echoing.find(["again"]) == [(Sighting("name", 0, 5),)]


@pytest.mark.parametrize("command", [("/no/such/program",), (sys.executable, "-c", "raise ImportError")])
def test_where_no_process_can_be_had_the_sentence_says_what_to_install(command: tuple[str, ...]) -> None:
    search = IdentifierSearch(command=command)
    for _ in range(4):
        with pytest.raises(Unavailable, match="install presidio-analyzer"):
            search.find(["x"])


def test_a_text_that_breaks_the_search_is_null_and_the_next_is_searched() -> None:
    def search(text: str) -> tuple[Sighting, ...]:
        if text == "bad":
            raise ValueError
        return (Sighting("mrn", 0, 3),)

    answers = io.StringIO()
    serve(search, io.StringIO(json.dumps(["bad", "123"]) + "\n"), answers)
    assert answers.getvalue().splitlines() == ['"ready"', '[null,[["mrn",0,3,true]]]']


def test_the_searching_process_ends_with_its_input() -> None:
    process = subprocess.Popen(COMMAND, cwd=PACKAGE.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.communicate(b"", timeout=120)
    assert process.returncode == 0


def test_presidio_is_not_loaded_by_the_program_itself() -> None:
    program = "import sys, webapp.worker, webapp.cli; print({'presidio_analyzer', 'spacy'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_a_text_is_read_once_and_the_oldest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "REMEMBERED", 2)
    read: list[str] = []

    def search(text: str) -> tuple[Sighting, ...]:
        read.append(text)
        return (Sighting("name", 0, len(text), True),)

    find = searching.remembering(search)
    found = [find(text) for text in ("Ada", "Ben", "Ada", "Kim", "Ada", "Ben")]
    assert read == ["Ada", "Ben", "Kim", "Ben"]
    assert found == [(Sighting("name", 0, 3, True),)] * 6


def test_a_failed_search_is_not_remembered() -> None:
    asked = iter([RuntimeError("broken"), ()])

    def search(_text: str) -> tuple[Sighting, ...]:
        answer = next(asked)
        if isinstance(answer, Exception):
            raise answer
        return answer

    find = searching.remembering(search)
    with pytest.raises(RuntimeError):
        find("Ada")
    assert find("Ada") == ()
