"""Talking to a server: where it is, with which token, and its refusals as our errors.

What must not live here: what is asked of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
import httpx

from webapp.errors import Conflict, FormularyError, InvalidInput, NotFound, NotSignedIn, Refused, TooMany, Unavailable
from webapp.settings import PACKAGE, read_settings

ANSWER_SECONDS = 60
USAGE, NO_VERDICT = 2, 4
CONNECTION_FILE = "cli.json"
_ID = re.compile(r"[A-Za-z0-9_]{1,40}")
_KINDS: dict[int, type[FormularyError]] = {
    401: NotSignedIn,
    403: Refused,
    404: NotFound,
    409: Conflict,
    413: InvalidInput,
    415: InvalidInput,
    422: InvalidInput,
    429: TooMany,
}
Command = TypeVar("Command", bound=Callable[..., Any])


def server_options(command: Command) -> Command:
    """The command takes --server and --token."""
    token = click.option("--token", help="A token with the scopes it needs; FORMULARY_TOKEN otherwise.")
    server = click.option("--server", metavar="URL", help="The server's address; FORMULARY_SERVER otherwise.")
    return server(token(command))


def speaks_in_sentences(command: Command) -> Command:
    """A refusal is one sentence on stderr: exit 4 where the server gave no answer, 2 where the request was not right."""

    @wraps(command)
    def spoken(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except FormularyError as error:
            click.echo(error.sentence, err=True)
            is_silent = isinstance(error, Unavailable | TooMany)
            raise click.exceptions.Exit(NO_VERDICT if is_silent else USAGE) from None

    return spoken  # type: ignore[return-value]


class Client:
    """A server reached with a token."""

    def __init__(self, server: str, token: str, http: httpx.Client) -> None:
        self.server = server.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._http = http

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """The document at the path."""
        return self._ask("GET", path, params=query)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to the body."""
        return self._ask("POST", path, json=body)

    def post_lines(self, path: str, content: bytes, media: str = "application/jsonl", **query: str) -> dict[str, Any]:
        """The answer to JSON lines, or a table, sent as they are."""
        return self._ask("POST", path, content=content, params=query, headers={"Content-Type": media})

    def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        headers = {**self._headers, **more.pop("headers", {})}
        try:
            response = self._http.request(method, f"{self.server}/api/v1{path}", headers=headers, **more)
        except httpx.HTTPError as error:
            raise Unavailable(
                f"{self.server} cannot be reached ({type(error).__name__}); check the address and that it runs."
            ) from None
        except (httpx.InvalidURL, ValueError):
            raise InvalidInput(
                f"{self.server[:200]} is no address; write it as https://formulary.example.org."
            ) from None
        if not response.is_success:
            _refuse(response)
        return _document(response)


def change_path(change: str, rest: str = "") -> str:
    """The address of a change; InvalidInput for what is no id, so that it cannot lead elsewhere."""
    if not _ID.fullmatch(change):
        raise InvalidInput("Name the change by its id, as in chg_01JABCDEF0123456789ABCDEFG.")
    return f"/changes/{change}{rest}"


def connect(server: str | None, token: str | None) -> Client:
    """The server and token of the options, else of the environment, else of the connection file of a state folder."""
    settings = read_settings()
    stored = _stored(settings.var_dir)
    address = server or settings.server or stored.get("server")
    secret = token or settings.token.reveal() or (stored.get("token") if server is None else None)
    if not address:
        raise InvalidInput("Name the server with --server URL or FORMULARY_SERVER.")
    if not secret:
        raise InvalidInput("Name a token with --token or FORMULARY_TOKEN; make one on the page Tokens.")
    if not str(address).startswith(("http://", "https://")):
        raise InvalidInput("The server's address starts with https:// or http://.")
    return Client(address, secret, open_http(settings.ca_file))


def open_http(ca_file: Path | None) -> httpx.Client:
    """The connection itself; certificates are checked against ``ca_file`` where one is set."""
    return httpx.Client(timeout=ANSWER_SECONDS, verify=str(ca_file) if ca_file else True)


def _stored(var_dir: Path) -> dict[str, str]:
    """The connection that a demo or an administrator left for commands on this machine."""
    for folder in (var_dir, var_dir / "demo", PACKAGE.parent / "var" / "demo"):
        try:
            document = json.loads((folder / CONNECTION_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(document, dict):
            return {name: value for name, value in document.items() if isinstance(value, str)}
    return {}


def _refuse(response: httpx.Response) -> NoReturn:
    kind = _KINDS.get(response.status_code, Unavailable)
    try:
        error = response.json()["error"]
        sentence, code, details = str(error["message"]), str(error["code"]), dict(error["details"])
    except (ValueError, KeyError, TypeError):
        raise kind(f"The server answered {response.status_code} without a reason; is the address right?") from None
    raise kind(sentence, code=code, details=details)


def _document(response: httpx.Response) -> dict[str, Any]:
    try:
        document = response.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise Unavailable("The server's answer is not of the promised form; is the address that of a formulary?")
    return document
