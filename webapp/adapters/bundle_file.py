"""Writing an export bundle: a ZIP that is the same bytes for the same contents, written file by file so that memory stays flat.

What must not live here: what a bundle contains.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

FIXED_TIME = (1980, 1, 1, 0, 0, 0)
PLAIN_FILE = 0o100644 << 16
UNIX = 3


def verifier() -> bytes:
    """The offline verifier, byte for byte as it ships."""
    return (Path(__file__).resolve().parents[1] / "verify.py").read_bytes()


class BundleFile:
    """An archive that is being written. ``files`` holds size and SHA-256 of every file so far, by path.

    Names are sorted in its directory, times are fixed, so the same files give the same archive.
    """

    def __init__(self, path: Path) -> None:
        self.files: dict[str, tuple[int, str]] = {}
        self._zip = zipfile.ZipFile(path, "w", compression=zipfile.ZIP_DEFLATED)

    def add(self, name: str, content: bytes) -> None:
        """One more file."""
        self.add_stream(name, (content,), len(content))

    def add_stream(self, name: str, portions: Iterable[bytes], size_hint: int = 0) -> None:
        """One more file, written portion by portion. ``size_hint``: about how many bytes; it must not be much too small."""
        if name in self.files:
            raise ValueError(f"{name} is in the bundle already")
        info = zipfile.ZipInfo(name, FIXED_TIME)
        info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, UNIX, PLAIN_FILE
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=size_hint > 2**30) as file:
            for portion in portions:
                file.write(portion)
                digest.update(portion)
                size += len(portion)
        self.files[name] = (size, digest.hexdigest())

    def __enter__(self) -> BundleFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.filelist.sort(key=lambda info: info.filename)
        self._zip.close()
