"""Submitting from a pipeline: what lies beside the file goes with it, and the exit code says what came of it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests.cli.server import Shell, prompt_folder
from tests.conftest import Staff
from tests.services.submissions import prompt_bytes, suite_bytes
from tests.stages import conclude_run
from webapp.adapters.git_authors import authors_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Contributor, Revision, Run, Version
from webapp.cli import following, group
from webapp.cli.client import Client, connect
from webapp.cli.following import Waiting, follow
from webapp.errors import InvalidInput, Unavailable


@pytest.fixture
def shell(outside: Outside, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(outside, staff, monkeypatch)


def test_a_file_of_the_tree_finds_its_test_set(shell: Shell, tmp_path: Path) -> None:
    path = prompt_folder(tmp_path)
    done = shell.run("submit", path)
    assert done.exit_code == 0, done.output
    assert "revision 1" in done.stderr
    with shell.outside.database.reading() as session:
        assert session.scalars(select(Version.content)).one() == path.read_bytes()
        assert session.scalars(select(Run.planned_calls)).one() == 3


def test_words_of_the_command_reach_the_change(shell: Shell, tmp_path: Path) -> None:
    suite = tmp_path / "other.jsonl"
    suite.write_bytes(suite_bytes(5))
    words = ("--changes", "Shorter.", "--risk-class", "high_risk", "--model", "offline-clinical-1", "--suite", suite)
    done = shell.run("submit", prompt_folder(tmp_path), *words)
    assert done.exit_code == 0, done.output
    with shell.outside.database.reading() as session:
        revision = session.scalars(select(Revision)).one()
        change = session.scalars(select(Change)).one()
        assert (revision.changes, change.risk_class) == ("Shorter.", "high_risk")
        assert session.scalars(select(Run.planned_calls)).one() == 15


def test_an_empty_test_set_is_a_fault_and_no_wish_for_another_one(shell: Shell, tmp_path: Path) -> None:
    suite = tmp_path / "none.jsonl"
    suite.write_bytes(b"")
    done = shell.run("submit", prompt_folder(tmp_path), "--suite", suite)
    assert done.exit_code == 2
    assert "empty" in done.stderr
    with shell.outside.database.reading() as session:
        assert session.scalars(select(Change)).all() == []


def test_a_large_test_set_goes_ahead_on_its_own(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.cli.submit.LARGEST_INLINE_BYTES", 10)
    assert shell.run("submit", prompt_folder(tmp_path)).exit_code == 0


def test_a_tree_submits_the_active_version_of_each_prompt(shell: Shell, tmp_path: Path) -> None:
    for name in ("clinical-summarization", "discharge-letter"):
        prompt_folder(tmp_path, name, "1.0")
        prompt_folder(tmp_path, name, "1.1")
    (tmp_path / "prompt-config.yaml").write_text('clinical-summarization: "1.1"\ndischarge-letter: "1.0"\n')
    done = shell.run("submit", tmp_path)
    assert done.exit_code == 0, done.output
    with shell.outside.database.reading() as session:
        labels = session.scalars(select(Version.label).order_by(Version.label)).all()
    assert labels == ["1.0", "1.1"]


def test_one_prompt_of_a_tree_is_chosen_by_name(shell: Shell, tmp_path: Path) -> None:
    for name in ("clinical-summarization", "discharge-letter"):
        prompt_folder(tmp_path, name)
    (tmp_path / "prompt-config.yaml").write_text('clinical-summarization: "1.0"\ndischarge-letter: "1.0"\n')
    assert shell.run("submit", tmp_path, "--prompt", "discharge-letter").exit_code == 0
    with shell.outside.database.reading() as session:
        assert session.scalars(select(Change.title)).all() == ["discharge-letter 1.0"]
    unknown = shell.run("submit", tmp_path, "--prompt", "triage")
    assert (unknown.exit_code, "holds no prompt triage" in unknown.stderr) == (2, True)


def test_the_same_file_again_follows_the_open_change(shell: Shell, tmp_path: Path) -> None:
    path = prompt_folder(tmp_path)
    shell.run("submit", path)
    again = shell.run("submit", path)
    assert again.exit_code == 0
    assert "Nothing changed" in again.stderr
    with shell.outside.database.reading() as session:
        assert len(session.scalars(select(Change.id)).all()) == 1


def test_a_further_revision_names_its_change(shell: Shell, tmp_path: Path) -> None:
    shell.run("submit", prompt_folder(tmp_path))
    change_id = _only_change(shell)
    done = shell.run("submit", prompt_folder(tmp_path, label="1.1"), "--change", change_id)
    assert done.exit_code == 0, done.output
    assert "revision 2" in done.stderr


@pytest.mark.parametrize(
    ("verdict", "code"), [("pass", 0), ("fail", 1), ("insufficient", 3), ("unmeasured", 4), ("incomplete", 4)]
)
def test_waiting_ends_with_the_verdict_as_exit_code(shell: Shell, tmp_path: Path, verdict: str, code: int) -> None:
    path = prompt_folder(tmp_path)
    shell.run("submit", path)
    _conclude(shell, verdict)
    done = shell.run("submit", path, "--wait")
    assert done.exit_code == code, done.output
    assert "clinical-summarization" in done.stdout


def test_the_report_can_be_asked_for_in_another_form(shell: Shell, tmp_path: Path) -> None:
    path = prompt_folder(tmp_path)
    shell.run("submit", path)
    _conclude(shell, "pass")
    done = shell.run("submit", path, "--wait", "--format", "json")
    assert json.loads(done.stdout)["verdict"] == "pass"


def test_the_followed_report_is_also_written_as_junit(shell: Shell, tmp_path: Path) -> None:
    path = prompt_folder(tmp_path)
    shell.run("submit", path)
    _conclude(shell, "pass")
    report = tmp_path / "report.xml"
    assert shell.run("submit", path, "--wait", "--junit", report).exit_code == 0
    assert report.read_text().startswith("<testsuite")
    done = shell.run("submit", path, "--junit", report)
    assert (done.exit_code, "add --wait" in done.stderr) == (2, True)


def test_following_goes_on_until_the_run_has_ended(shell: Shell, tmp_path: Path) -> None:
    shell.run("submit", prompt_folder(tmp_path))
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            _conclude(shell, "pass")

    waiting = Waiting(3600, sleep=sleep, monotonic=lambda: float(len(slept)))
    report = follow(connect(None, None), _only_change(shell), waiting)
    assert (report.exit_code, slept) == (0, [1.0, 1.0, 1.0])


def test_following_ends_without_verdict_when_the_time_is_over(shell: Shell, tmp_path: Path) -> None:
    shell.run("submit", prompt_folder(tmp_path))
    slept: list[float] = []
    waiting = Waiting(5, sleep=slept.append, monotonic=lambda: float(len(slept)))
    report = follow(connect(None, None), _only_change(shell), waiting)
    assert (report.exit_code, len(slept)) == (4, 5)
    assert "going on: 0 of 3 calls" in report.sentence


def test_a_server_that_is_away_for_a_moment_is_asked_again(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.run("submit", prompt_folder(tmp_path))
    _conclude(shell, "pass")
    asked = _away_for(monkeypatch, 3)
    slept: list[float] = []
    waiting = Waiting(3600, sleep=slept.append, monotonic=lambda: float(len(slept)))
    assert follow(connect(None, None), _only_change(shell), waiting).exit_code == 0
    assert len(asked) > 3


def test_a_server_that_stays_away_is_given_up(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.run("submit", prompt_folder(tmp_path))
    _away_for(monkeypatch, 10_000)
    slept: list[float] = []
    waiting = Waiting(3600, sleep=slept.append, monotonic=lambda: float(len(slept)))
    with pytest.raises(Unavailable):
        follow(connect(None, None), _only_change(shell), waiting)
    assert len(slept) == following.PATIENCE_SECONDS


def _away_for(monkeypatch: pytest.MonkeyPatch, times: int) -> list[str]:
    """The server does not answer the next few requests."""
    asked: list[str] = []
    real = Client.get

    def get(self: Client, path: str, **query: str) -> dict[str, object]:
        asked.append(path)
        if len(asked) <= times:
            raise Unavailable("away")
        return real(self, path, **query)

    monkeypatch.setattr(Client, "get", get)
    return asked


def test_what_the_server_refuses_is_a_sentence_and_exit_2(shell: Shell, tmp_path: Path) -> None:
    done = shell.run("submit", prompt_folder(tmp_path, system_prompt="Take \u200bone."))
    assert done.exit_code == 2
    assert "U+200B" in done.stderr
    assert "Traceback" not in done.output
    assert done.stdout == ""


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_exit_2(shell: Shell, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "v1.0.yaml"
    if content:
        path.write_bytes(content)
    done = shell.run("submit", path)
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1


def test_a_bad_token_is_exit_2(shell: Shell, tmp_path: Path) -> None:
    done = shell.run("submit", prompt_folder(tmp_path), "--token", "pf_wrong")
    assert (done.exit_code, "not known here" in done.stderr) == (2, True)


def test_an_unreachable_server_is_exit_4(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    transport = httpx.MockTransport(refuse)
    monkeypatch.setattr("webapp.cli.client.open_http", lambda _: httpx.Client(transport=transport))
    done = _run("submit", prompt_folder(tmp_path), "--server", "http://nowhere.example", "--token", "t")
    assert (done.exit_code, "cannot be reached" in done.stderr) == (4, True)


@pytest.mark.parametrize(("status", "code"), [(500, 4), (503, 4), (404, 2), (200, 4)])
def test_another_website_at_the_address_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, code: int
) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text="<html>"))
    monkeypatch.setattr("webapp.cli.client.open_http", lambda _: httpx.Client(transport=transport))
    done = _run("submit", prompt_folder(tmp_path), "--server", "http://other.example", "--token", "t")
    assert done.exit_code == code
    assert "address" in done.stderr


def _run(*words: str | Path) -> object:
    return CliRunner().invoke(group, [str(word) for word in words])


def test_server_and_token_are_found_in_the_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMULARY_VAR_DIR", str(tmp_path))
    for name in ("FORMULARY_SERVER", "FORMULARY_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("webapp.cli.client.PACKAGE", tmp_path / "package")
    with pytest.raises(InvalidInput, match="Name the server"):
        connect(None, None)
    with pytest.raises(InvalidInput, match="Name a token"):
        connect("http://localhost:8000", None)
    (tmp_path / "cli.json").write_text('{"server": "http://localhost:9000/", "token": "pf_x"}')
    assert connect(None, None).server == "http://localhost:9000"
    with pytest.raises(InvalidInput, match="Name a token"):
        connect("http://elsewhere.example", None)


def test_git_authors_and_co_authors_are_named(shell: Shell, tmp_path: Path) -> None:
    path = prompt_folder(tmp_path)
    _git(tmp_path, "init", "-q")
    _commit(tmp_path, "Ben", "ben@example.org", "First.\n\nCo-authored-by: Guest <guest@example.net>")
    path.write_bytes(prompt_bytes(changes="Other words."))
    _commit(tmp_path, "Ada", "ada@example.org", "Second.")
    assert dict(authors_of(path).people) == {
        "Ben": "ben@example.org",
        "Guest": "guest@example.net",
        "Ada": "ada@example.org",
    }
    assert shell.run("submit", path).exit_code == 0
    with shell.outside.database.reading() as session:
        emails = set(session.scalars(select(Contributor.email)))
    assert emails == {"ada@example.org", "ben@example.org", "guest@example.net"}


def test_a_renamed_file_keeps_its_authors(tmp_path: Path) -> None:
    path = prompt_folder(tmp_path)
    _git(tmp_path, "init", "-q")
    _commit(tmp_path, "Ben", "ben@example.org", "First.")
    path.rename(path.with_name("v1.1.yaml"))
    _commit(tmp_path, "Ada", "ada@example.org", "Rename.")
    assert {name for name, _ in authors_of(path.with_name("v1.1.yaml")).people} == {"Ada", "Ben"}


def test_a_shallow_clone_is_said_to_be_shallow(shell: Shell, tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    path = prompt_folder(origin)
    _git(origin, "init", "-q")
    _commit(origin, "Ben", "ben@example.org", "First.")
    path.write_bytes(prompt_bytes(changes="Other words."))
    _commit(origin, "Ada", "ada@example.org", "Second.")
    _git(tmp_path, "clone", "-q", "--depth", "1", f"file://{origin}", "clone")
    done = shell.run("submit", tmp_path / "clone" / path.relative_to(origin))
    assert "shallow" in done.stderr


def test_outside_a_repository_nobody_is_named(tmp_path: Path) -> None:
    assert authors_of(prompt_folder(tmp_path)).people == ()


def _commit(folder: Path, name: str, email: str, message: str) -> None:
    _git(folder, "add", "-A")
    _git(folder, "-c", f"user.name={name}", "-c", f"user.email={email}", "commit", "-q", "-m", message)


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def _only_change(shell: Shell) -> str:
    with shell.outside.database.reading() as session:
        return session.scalars(select(Change.id)).one()


def _conclude(shell: Shell, verdict: str) -> None:
    run_id = conclude_run(shell.outside, _only_change(shell))
    with shell.outside.database.writing() as session:
        run = session.get_one(Run, run_id)
        if verdict == "incomplete":
            run.state, run.verdict = "incomplete", None
        else:
            run.verdict = verdict
