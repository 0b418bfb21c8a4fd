"""Users and passwords in addresses and messages: never shown."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

# The part of an address before its @. A password may hold / and @ that nobody escaped; HOST:PORT/a@b is none.
_BEFORE_AT = re.compile(r"(?<=://)(?:[^/\s\"']*@|[^/\s\"':]+:(?!\d+[/\s])[^\s\"']*@)")
# user=NAME in a query, in a path as some cameras have it, or as a property of a GStreamer element
_NAMED = re.compile(
    r"(?<![A-Za-z0-9])(user(?:-?(?:id|name|pw))?|usr|login|password|passwd|passphrase|pwd|pass|psw|secret|token|api_?key)="
    r"(\"[^\"]*\"|'[^']*'|[^&;\s\"'!]*?(?=_[a-z]+=|[&;\s\"'!.,)]|$))",
    re.IGNORECASE,
)
HIDDEN = "…"


def without_credentials(text: str) -> str:
    """A URL, or any text with URLs in it, as it may be shown: without the part before @ and without what
    follows `user=`, `password=` and the like."""
    return _NAMED.sub(rf"\1={HIDDEN}", _BEFORE_AT.sub("", text))


def secrets_in(text: str) -> list[str]:
    """The users and passwords that a text with URLs names, the longest first: as they are written, and as
    they are sent."""
    found = [value.strip("\"'") for _, value in _NAMED.findall(text)]
    for login in _BEFORE_AT.findall(text):
        found += login[:-1].split(":", 1)
    return sorted({*found, *map(unquote, found)} - {""}, key=len, reverse=True)


def hidden(text: str, secrets: list[str]) -> str:
    """A message of somebody else's without these words, and without credentials."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return without_credentials(text)


def can_be_read(address: str) -> bool:
    """Whether an address has a host, and a port that is one (or none)."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
