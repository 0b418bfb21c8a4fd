"""Passwords: from a document or the environment."""

from __future__ import annotations

import os
from typing import Any

from ..errors import NotFoundError, make


def password_of(where: str, password: Any, variable: str | None) -> str | None:
    """The password: the document's (a text or pydantic's SecretStr), or that of an environment variable.

    Raises NotFoundError when the variable is not set.
    """
    if variable is not None:
        if variable not in os.environ:
            raise make(
                NotFoundError,
                where,
                f"the environment has no {variable}",
                "set it to the password, and start again",
            )
        return os.environ[variable]
    revealed = getattr(password, "get_secret_value", None)
    return password if revealed is None else str(revealed())
