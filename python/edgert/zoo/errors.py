"""The one exception of the zoo."""

from __future__ import annotations


class ZooError(RuntimeError):
    """Something of the zoo can't be had. The message reads "where: what; hint".

    It has the attributes of edgert's other errors, but needs no native library to be raised.
    """

    code = "unavailable"

    def __init__(self, where: str, what: str, hint: str) -> None:
        super().__init__(f"{where}: {what}; {hint}")
        self.where = where
        self.what = what
        self.hint = hint
