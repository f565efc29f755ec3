"""Runs against a provider of our own on this machine, by a worker in a process of its own: nothing lost, nothing counted twice."""

from __future__ import annotations

import time

from bench.running import House, house, provider
from tests.services.submissions import suite_bytes
from webapp.services.evaluation.asking import AT_ONCE, BATCH

CASES, REPEATS = 40, 3
CALLS = CASES * REPEATS * 2
PATIENCE_SECONDS = 120


def agrees_with_its_rows(one: House) -> bool:
    run, (stored, good_ones, cost) = one.run(), one.answers()
    return (run.state, run.done_calls, run.cost_microusd) == ("complete", stored, cost) and stored == good_ones == CALLS


def test_a_provider_that_fails_one_call_in_twenty_loses_none() -> None:
    with provider(fault_share=0.05) as stub, house(stub.port, suite_bytes(CASES), REPEATS) as one:
        one.work()
        totals = stub.totals()
        assert totals["faults"] > 0
        assert totals["answers"] == CALLS
        assert agrees_with_its_rows(one)


def test_a_killed_worker_repeats_at_most_the_calls_that_were_open() -> None:
    with provider() as stub, house(stub.port, suite_bytes(CASES), REPEATS) as one:
        worker = one.start()
        end = time.monotonic() + PATIENCE_SECONDS
        while not one.answers()[0]:
            assert time.monotonic() < end, "the worker stored nothing in time"
            time.sleep(0.005)
        worker.kill()
        worker.communicate()
        assert one.answers()[0] < CALLS
        one.let_the_lease_run_out()
        one.work()
        assert stub.totals()["answers"] <= CALLS + AT_ONCE + BATCH
        assert agrees_with_its_rows(one)
