"""The formats of the signed record: canonical JSON, leaf, Merkle tree, DSSE envelope, signature statement.

Nothing here reads a clock, a key or a database; keys sign in ``webapp.adapters.keys``.
"""
