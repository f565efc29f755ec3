"""All benchmarks, one after the other."""

from bench.entering import compare_act_with_bare_insert
from bench.running import main as compare_runs

compare_act_with_bare_insert()
compare_runs()
