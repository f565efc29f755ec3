"""docs/delivery.md names every code with which delivery refuses, each under the status that it has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from webapp import errors
from webapp.services.delivery.answering import NOT_YET
from webapp.web.errors import status_of
from webapp.web.standing import BROKEN_LOG

ROOT = Path(__file__).resolve().parents[2]
OF_PEOPLE = {"emergency.py", "stopping.py", "tries.py"}
"""Acts of people on a delivery host; no application meets their refusals."""
SERVING = (
    *(path for path in (ROOT / "webapp/services/delivery").glob("*.py") if path.name not in OF_PEOPLE),
    *(ROOT / "webapp/api" / name for name in ("delivery.py", "shelved.py", "auth.py")),
)
VERIFYING = tuple(ROOT / "webapp/acts" / name for name in ("attestations_checked.py", "releasing.py"))
OF_TOKENS = {
    *((401, f"token_{fault}") for fault in ("unknown", "revoked", "expired")),
    *((403, lack) for lack in ("scope", "role")),
    *((503, part) for part in (BROKEN_LOG, errors.Unavailable.code)),
}
"""What the look-up of a token and the watch over the log add, and a database that does not answer."""
ROW = re.compile(r"^\| (\d{3})[^`|]*((?:`[a-z_]+`(?:, )?)+) \|", re.MULTILINE)


def refusals_in(path: Path) -> Iterator[tuple[int, str]]:
    """Status and code of every error of ours that this file raises, and of every fault that it puts on a shelf."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        kind = getattr(errors, node.func.id, None) if isinstance(node.func, ast.Name) else None
        named = {one.arg: one.value for one in node.keywords}
        if isinstance(kind, type) and issubclass(kind, errors.FormularyError):
            code = named.get("code", ast.Constant(kind.code))
            if isinstance(code, ast.Constant):
                yield status_of(kind("")), str(code.value)
        fault = named.get("fault")
        if isinstance(fault, ast.Tuple) and isinstance(fault.elts[0], ast.Constant):
            code_of_fault = str(fault.elts[0].value)
            yield 503 if code_of_fault in NOT_YET else 403, code_of_fault


def raised() -> set[tuple[int, str]]:
    of_serving = {pair for path in SERVING for pair in refusals_in(path)}
    of_releases = {pair for path in VERIFYING for pair in refusals_in(path) if pair[1].startswith("release_")}
    return of_serving | of_releases | OF_TOKENS


def documented() -> set[tuple[int, str]]:
    text = (ROOT / "docs/delivery.md").read_text(encoding="utf-8")
    return {(int(status), code) for status, codes in ROW.findall(text) for code in re.findall("[a-z_]+", codes)}


def test_every_refusal_of_delivery_stands_in_its_table_under_its_status() -> None:
    assert documented() == raised()


def test_the_table_holds_the_codes_of_everything_that_does_not_verify() -> None:
    broken = {"tampered", "foreign", "void", "signature_void", "unsigned", "unevaluated", "not_live"}
    assert {(403, f"release_{one}") for one in broken} <= documented()
