"""Where models are called: the models file, the gateway, the one module that imports litellm, the offline model.

What must not live here: scoring, verdicts, prompt files. The scorers and this room know nothing of each other.
"""
