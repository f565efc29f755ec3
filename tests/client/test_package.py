"""The client's package is whole: typed, licensed, told in a README of its own, and nothing of the server is in it or needed by it."""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALONE = """
import sys
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("webapp", "litellm", "flask", "sqlalchemy", "tests"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Nothing())
sys.path.insert(0, sys.argv[1])
import formulary_client
assert formulary_client.__file__.startswith(sys.argv[1])
print(sorted(formulary_client.__all__))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built once."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT / "client")]
    subprocess.run(build, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_is_typed_licensed_and_holds_the_client_alone(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"formulary_client", "prompt_formulary_client"}
    assert "formulary_client/py.typed" in names
    assert [name for name in names if name.endswith("LICENSE")]
    assert (ROOT / "client/LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_the_wheel_is_imported_where_nothing_of_the_server_and_no_litellm_is(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    alone = subprocess.run(
        [sys.executable, "-I", "-c", ALONE, str(tmp_path)], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    assert "'Client'" in alone.stdout


def test_its_readme_goes_along_and_names_what_is_there(wheel: Path) -> None:
    import formulary_client
    from formulary_client import Client, Resolved

    readme = (ROOT / "client/README.md").read_text(encoding="utf-8")
    names = zipfile.ZipFile(wheel).namelist()
    metadata = zipfile.ZipFile(wheel).read(next(name for name in names if name.endswith("METADATA"))).decode()
    assert readme in metadata
    assert f"prompt_formulary_client-{metadata.split('Version: ')[2].split()[0]}-py3" in readme
    blocks = [block.split("```")[0] for block in readme.split("```python\n")[1:]]
    for node in (node for block in blocks for node in ast.walk(ast.parse(block))):
        if isinstance(node, ast.ImportFrom):
            assert {one.name for one in node.names} <= {*formulary_client.__all__, "litellm_calls"}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = {"client": Client, "Client": Client, "prompt": Resolved}.get(node.value.id)
            assert owner is None or hasattr(owner, node.attr) or node.attr in Resolved.__dataclass_fields__
