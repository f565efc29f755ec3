"""``formulary restore`` at a terminal: what is lost is told, two administrators are asked, and the log goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cli.test_keys import at_the_desk, begin, call, environ
from tests.people import PASSWORD, join
from tests.store.test_sealing import grow
from webapp.acts.sealing import seal
from webapp.acts.standing import State, standing_of
from webapp.assembly import build
from webapp.cli import group
from webapp.errors import Conflict
from webapp.settings import read_settings

TYPED = f"y\nruth@example.org\n{PASSWORD}\n\nsam@example.org\n{PASSWORD}\n\n"
REASON = ("--reason", "The disk failed.")


@pytest.mark.parametrize("typed", [TYPED, "n\n"])
def test_two_people_at_the_terminal_restore_the_log(tmp_path: Path, typed: str) -> None:
    begin(tmp_path)
    house = build(read_settings(environ(tmp_path)))
    for name in ("ruth", "sam"):
        join(house, name, ("administrator",))
    place = tmp_path / "formulary.sqlite"
    with at_the_desk(tmp_path):
        seal(house)
        house.database.close()
        shutil.copy(place, tmp_path / "backup")
        grow(house, 30)
        seal(house)
        house.database.close()
        for path in tmp_path.glob("formulary.sqlite*"):
            path.unlink()
        shutil.copy(tmp_path / "backup", place)
        result = CliRunner().invoke(group, ["restore", *REASON], env=environ(tmp_path), input=typed)
        assert "Entries 2 to 29" in result.output
        assert PASSWORD not in result.output
        state = standing_of(build(read_settings(environ(tmp_path)))).state
        if typed == "n\n":
            assert "Nothing was changed" in str(result.exception)
            assert state is State.BROKEN
        else:
            assert result.exit_code == 0, result.output
            assert state is State.SEALED
            with pytest.raises(Conflict, match="Nothing is lost"):
                raise call(tmp_path, "restore", *REASON).exception  # type: ignore[misc]
