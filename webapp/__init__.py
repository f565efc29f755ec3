"""Prompt Formulary: every prompt change evaluated, reviewed, signed, rolled out under watch and audited."""

__version__ = "0.4.0"
