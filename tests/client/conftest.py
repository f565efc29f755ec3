"""An application on a ward."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.client.ward import Ward, make_ward
from tests.conftest import Staff
from webapp.adapters.outside import Outside


@pytest.fixture
def ward(outside: Outside, staff: Staff, tmp_path: Path) -> Ward:
    """The delivery process runs over what the test did before; the application keeps its copies in a folder of its own."""
    return make_ward(outside, staff, tmp_path / "application")
