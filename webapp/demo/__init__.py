"""The demo: the whole product on one machine with invented people, made by the same services as everything else."""
