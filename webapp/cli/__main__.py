"""``python -m webapp.cli``: the same as the command ``formulary``."""

from webapp.cli import main

main()
