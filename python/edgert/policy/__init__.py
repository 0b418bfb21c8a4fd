"""Policies: what runs first, how much is admitted, decided by a Python class ten times a second.

docs/policies.md writes one from nothing. Importing this loads no third-party package: a policy's process
starts with it.
"""

from __future__ import annotations

from .base import Policy
from .decisions import Decisions, KeepFree, Order
from .snapshot import Application, Device, Pipeline, Queue, Sensor, Snapshot

__all__ = [
    "Application",
    "Decisions",
    "Device",
    "KeepFree",
    "Order",
    "Pipeline",
    "Policy",
    "Queue",
    "Sensor",
    "Snapshot",
]
