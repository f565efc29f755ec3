"""Asking an application of the hospital over HTTP: retrieval and post-processing are under test with the model.

Sent: ``{"inputs", "prompt": {"label", "sha256"}, "messages": [{"role", "content"}], "parameters", "repeat"}``. Expected:
``{"output", "code_version", "index_id"?, "tokens"?: {"input", "output"}}``; other fields are ignored. The address is resolved once
and that address is asked, so that a name cannot point elsewhere in between. What must not live here: retries, pace, prices.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import httpx

from webapp.adapters.llm.retries import retry_after_seconds
from webapp.adapters.llm.transport import BY_STATUS, Fault, Reply

MOST_BYTES = 4 * 1024 * 1024
LONGEST_WORD = 200
MOST_TOKENS = 2**31 - 1


@dataclass(frozen=True)
class EndpointRequest:
    """Everything one call needs; neither key nor text shows when it is printed."""

    url: str
    body: Mapping[str, Any] = field(repr=False)
    key_header: str
    key: str | None = field(repr=False)
    timeout_seconds: int
    allows_loopback: bool
    ca_file: Path | None


async def send(request: EndpointRequest) -> Reply | Fault:
    """The application's reply to one single attempt, or its fault; redirects are not followed."""
    try:
        async with asyncio.timeout(request.timeout_seconds):
            address = await _address(request)
            if address is None:
                return Fault("forbidden_address")
            return await _ask(request, address)
    except (TimeoutError, httpx.TimeoutException):
        return Fault("timeout")
    except (httpx.TransportError, OSError):
        return Fault("unreachable")


async def _address(request: EndpointRequest) -> str | None:
    """The address that the name stands for; None where one of its addresses may not be asked."""
    url = httpx.URL(request.url)
    found = await asyncio.get_running_loop().getaddrinfo(url.host, url.port or 443, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(row[4][0]) for row in found]
    if not addresses or not all(may_be_asked(one, allows_loopback=request.allows_loopback) for one in addresses):
        return None
    return str(addresses[0])


def may_be_asked(address: ipaddress.IPv4Address | ipaddress.IPv6Address, *, allows_loopback: bool) -> bool:
    """Addresses of the house and of the world may be asked; this machine only where it is allowed; others never."""
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        address = mapped
    if address.is_loopback:
        return allows_loopback
    return not (address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved)


async def _ask(request: EndpointRequest, address: str) -> Reply | Fault:
    url = httpx.URL(request.url)
    headers = {"host": url.netloc.decode("ascii"), "accept": "application/json", "accept-encoding": "identity"}
    if request.key:
        bearer = "Bearer " if request.key_header.lower() == "authorization" else ""
        headers[request.key_header] = bearer + request.key
    async with (
        httpx.AsyncClient(verify=_tls(request.ca_file), trust_env=False, timeout=request.timeout_seconds) as client,
        client.stream(
            "POST",
            url.copy_with(host=address),
            json=dict(request.body),
            headers=headers,
            extensions={"sni_hostname": url.host},
        ) as answer,
    ):
        if not answer.is_success:
            return _fault(answer)
        raw = await _body(answer)
    return Fault("bad_answer") if raw is None else _reply(raw)


@functools.cache
def _tls(ca_file: Path | None) -> ssl.SSLContext:
    """TLS with verification; the hospital's own authority is trusted beside the public ones."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def _fault(answer: httpx.Response) -> Fault:
    status = answer.status_code
    wait = retry_after_seconds(answer.headers.get("retry-after"), answer.headers.get("date"))
    if status in BY_STATUS:
        return Fault(BY_STATUS[status], wait)
    if status >= 500:
        return Fault("server_error", wait)
    return Fault("bad_request" if status >= 400 else "bad_answer")


async def _body(answer: httpx.Response) -> bytes | None:
    """The bytes of the answer; None when they are too many or packed."""
    if answer.headers.get("content-encoding", "identity") != "identity":
        return None
    raw = bytearray()
    async for piece in answer.aiter_raw():
        raw += piece
        if len(raw) > MOST_BYTES:
            return None
    return bytes(raw)


def _reply(raw: bytes) -> Reply | Fault:
    try:
        document = json.loads(raw.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return Fault("bad_answer")
    if not isinstance(document, dict):
        return Fault("bad_answer")
    output, code, index = document.get("output"), document.get("code_version"), document.get("index_id")
    if not isinstance(output, str) or not _is_word(code) or not (index is None or _is_word(index)):
        return Fault("bad_answer")
    tokens = document.get("tokens")
    tokens = tokens if isinstance(tokens, dict) else {}
    return Reply(
        output, "stop", _count(tokens.get("input")), _count(tokens.get("output")), code_version=code, index_id=index
    )


def _is_word(found: object) -> bool:
    return isinstance(found, str) and 0 < len(found) <= LONGEST_WORD and found.isprintable()


def _count(found: object) -> int | None:
    is_count = isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= MOST_TOKENS
    return int(found) if is_count else None  # type: ignore[call-overload]


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)
