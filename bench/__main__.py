"""All benchmarks, one after the other."""

from bench.entering import compare_act_with_bare_insert

compare_act_with_bare_insert()
