"""Traces of a run: what each lane did when, for whom, and what waited for what. docs/tracing.md says how to
look at one."""

from __future__ import annotations

from .session import Traced, check_path, stop

__all__ = ["Traced", "check_path", "stop"]
