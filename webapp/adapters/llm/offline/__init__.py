"""The offline model: a rule-based clinical extractor that answers like a provider, without key, network or chance.

It is not an LLM and never pretends to be one. It reads its instructions from the messages it is given, so that another
prompt gives another answer, and errs at the rates of ``rates``. What must not live here: anything of the scorers, and
any word list that they use.
"""
