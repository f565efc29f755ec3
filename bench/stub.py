"""A provider in the OpenAI form on this machine, a process of its own: lognormal latency, usage in its answers, faults on request.

``python -m bench.stub FAULTS`` prints its port and serves until it is ended; GET /totals says what it gave and how long that took.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import sys
from typing import Any

MEDIAN_SECONDS, SIGMA = 0.050, 0.3
FAULTS = ((429, b"Too Many Requests", b"retry-after: 0.2\r\n"), (500, b"Internal Server Error", b""))
NOTE = "Subjective: well. Objective: well. Assessment: diabetes. Plan: metformin 500 mg twice daily."


class Totals:
    """What was given so far; ``seconds`` is the sum of all latencies, also of those that ended in a fault."""

    def __init__(self) -> None:
        self.answers, self.faults, self.seconds = 0, 0, 0.0

    def to_json(self) -> bytes:
        """The totals as the bench reads them."""
        return json.dumps(vars(self)).encode()


class Connection(asyncio.Protocol):
    """One kept-alive connection; requests on it come one after the other."""

    def __init__(self, totals: Totals, chance: random.Random, fault_share: float) -> None:
        self.totals, self.chance, self.fault_share = totals, chance, fault_share
        self.received = b""

    def connection_made(self, transport: Any) -> None:
        """The client is there."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers each request that has come whole."""
        self.received += data
        head, separator, rest = self.received.partition(b"\r\n\r\n")
        if not separator:
            return
        length = next((int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"), 0)
        if len(rest) < length:
            return
        self.received = rest[length:]
        if head.startswith(b"GET"):
            self.transport.write(_answer(200, b"OK", self.totals.to_json()))
            return
        seconds = self.chance.lognormvariate(math.log(MEDIAN_SECONDS), SIGMA)
        asyncio.get_running_loop().call_later(seconds, self._give, seconds, len(rest))

    def _give(self, seconds: float, asked: int) -> None:
        self.totals.seconds += seconds
        if self.chance.random() < self.fault_share:
            self.totals.faults += 1
            status, words, header = self.chance.choice(FAULTS)
            self.transport.write(_answer(status, words, b'{"error":{"message":"no"}}', header))
            return
        self.totals.answers += 1
        self.transport.write(_answer(200, b"OK", _completion(asked)))


def _completion(asked: int) -> bytes:
    usage = {"prompt_tokens": asked // 4, "completion_tokens": 24, "total_tokens": asked // 4 + 24}
    choice = {"index": 0, "message": {"role": "assistant", "content": NOTE}, "finish_reason": "stop"}
    answer = {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "stub",
        "choices": [choice],
        "usage": usage,
    }
    return json.dumps(answer).encode()


def _answer(status: int, words: bytes, body: bytes, header: bytes = b"") -> bytes:
    head = b"HTTP/1.1 %d %s\r\ncontent-type: application/json\r\n%scontent-length: %d\r\n\r\n"
    return head % (status, words, header, len(body)) + body


async def serve(fault_share: float) -> None:
    """The stub answers until its process is ended."""
    totals, chance = Totals(), random.Random(7)
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(totals, chance, fault_share), "127.0.0.1", 0
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
