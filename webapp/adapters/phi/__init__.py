"""The search for identifiers: presidio with our own recognisers and a small language model, in processes of its own.

``pool`` speaks to the processes; ``searching`` and ``engine`` run inside them and alone import presidio and spaCy.
"""

from webapp.adapters.phi.pool import IdentifierSearch, identifier_search

__all__ = ["IdentifierSearch", "identifier_search"]
