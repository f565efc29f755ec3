"""The queue: a bell that tells workers to look into the jobs table. It carries a row's id and nothing that would be lost with it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Protocol

import redis
from redis.exceptions import RedisError
from rq import Queue as RqQueue
from rq.serializers import JSONSerializer

from webapp.errors import Unavailable

QUEUE_NAME = "formulary"
TASK = "webapp.worker.work_on"
ANSWER_SECONDS = 2
ALIVE_KEY = "formulary:workers-alive"
ALIVE_SECONDS = 15


class Queue(Protocol):
    """What services and doors need of a queue."""

    def ring(self, job_id: str) -> None:
        """A worker will look at this job soon; Unavailable when the queue does not answer."""

    def workers(self) -> int:
        """How many workers are alive; Unavailable when the queue does not answer."""


class RedisQueue:
    """The queue on Valkey or Redis, through RQ with its JSON serializer (the default one is pickle)."""

    def __init__(self, url: str) -> None:
        self.connection: Any = redis.Redis.from_url(
            url, socket_connect_timeout=ANSWER_SECONDS, socket_timeout=ANSWER_SECONDS, retry=None
        )
        self._queue = RqQueue(QUEUE_NAME, connection=self.connection, serializer=JSONSerializer)

    def ring(self, job_id: str) -> None:
        """A worker will look at this job soon; Unavailable when the queue does not answer."""
        try:
            self._queue.enqueue(TASK, job_id, result_ttl=0, failure_ttl=3600, job_timeout=6 * 3600)
        except (RedisError, OSError) as error:
            raise Unavailable("The queue does not answer; work goes on by itself when it is back.") from error

    def workers(self) -> int:
        """How many workers said within ``ALIVE_SECONDS`` that they live; Unavailable when the queue does not answer."""
        try:
            seconds, _ = self.connection.time()
            return int(self.connection.zcount(ALIVE_KEY, seconds - ALIVE_SECONDS, "+inf"))
        except (RedisError, OSError) as error:
            raise Unavailable("The queue does not answer; work goes on by itself when it is back.") from error

    def say_alive(self, worker: str) -> None:
        """This worker counts as alive for ``ALIVE_SECONDS``; nothing happens when the queue does not answer."""
        with suppress(RedisError, OSError):
            seconds, _ = self.connection.time()
            self.connection.zadd(ALIVE_KEY, {worker: seconds})
            self.connection.zremrangebyscore(ALIVE_KEY, "-inf", seconds - 4 * ALIVE_SECONDS)

    def say_gone(self, worker: str) -> None:
        """This worker no longer counts as alive."""
        with suppress(RedisError, OSError):
            self.connection.zrem(ALIVE_KEY, worker)
