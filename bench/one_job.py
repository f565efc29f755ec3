"""The work of a worker on one job, in a process of its own, measured: ``python -m bench.one_job JOB`` prints what it took as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time

from webapp.worker import house, make_ready, work_on_job


def main(job_id: str) -> None:
    """The job is worked on; seconds of the wall and of the processor, and the most memory in MiB, are printed."""
    began = time.perf_counter()
    outside = house()
    make_ready()
    start = time.perf_counter() - began
    began, used = time.perf_counter(), _cpu_seconds()
    work_on_job(outside, job_id)
    print(
        json.dumps(
            {
                "start": start,
                "wall": time.perf_counter() - began,
                "cpu": _cpu_seconds() - used,
                "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


def _cpu_seconds() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main(sys.argv[1])
