"""All benchmarks, one after the other."""

from bench.delivering import measure_delivery
from bench.entering import compare_act_with_bare_insert
from bench.exporting import measure_export_memory
from bench.moving import measure_moves
from bench.proving import measure_proofs
from bench.resolving import measure_resolving
from bench.running import main as compare_runs
from bench.scoring import measure_scoring
from bench.verifying import measure_verifier

# Processes that are started anew come here too.
if __name__ == "__main__":
    compare_act_with_bare_insert()
    measure_moves()
    measure_proofs()
    compare_runs()
    measure_scoring()
    measure_verifier()
    measure_export_memory()
    measure_delivery()
    measure_resolving()
