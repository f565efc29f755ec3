"""The notary: a key of its own, a record of its own, one question. It never opens the database.

``book`` keeps key and record, ``desk`` answers on a socket, ``client`` asks. The interface of a key is one function that signs
bytes, so that a key in hardware or in a key service can take its place.
"""
