"""Bearer tokens of programs: made by a person, shown once, checked at every call, changed and revoked at any time."""

from webapp.services.tokens.bearing import Bearer, find_bearer, require_scope
from webapp.services.tokens.listing import TokenRow, TokensView, show_token, show_tokens
from webapp.services.tokens.making import change_token, make_token, revoke_token
from webapp.services.tokens.terms import LONGEST_DAYS, SCOPE_WORDS, TokenChange, TokenRequest, scopes_for

__all__ = [
    "LONGEST_DAYS",
    "SCOPE_WORDS",
    "Bearer",
    "TokenChange",
    "TokenRequest",
    "TokenRow",
    "TokensView",
    "change_token",
    "find_bearer",
    "make_token",
    "require_scope",
    "revoke_token",
    "scopes_for",
    "show_token",
    "show_tokens",
]
