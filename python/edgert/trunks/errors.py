"""Why a model can't be cut."""

from __future__ import annotations


class Uncut(Exception):
    """A model, or a set of them, stays whole. The text says why, and what to do where that helps."""


class Lacking(Uncut):
    """A package that isn't installed is needed."""
