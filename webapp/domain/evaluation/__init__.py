"""From scores to a verdict, without any I/O: the order of calls, the tally, the comparison, worst cases, the result document.

What must not live here: models, tables, pages, and the statistics themselves (``webapp.domain.statistics``).
"""
