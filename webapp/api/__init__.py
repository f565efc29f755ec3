"""The door for programs: bearer tokens, JSON, one error shape."""
