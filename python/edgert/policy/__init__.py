"""Policies: what runs first, how much is admitted, decided by a Python class ten times a second.

docs/policies.md writes one from nothing. Importing this loads no third-party package: a policy's process
starts with it.
"""

from __future__ import annotations

from .base import Policy
from .decisions import SOONEST, Decisions, KeepFree, Order
from .snapshot import Application, Device, Pipeline, Place, Queue, Sensor, Snapshot

__all__ = [
    "SOONEST",
    "Application",
    "Decisions",
    "Device",
    "KeepFree",
    "Order",
    "Pipeline",
    "Place",
    "Policy",
    "Queue",
    "Sensor",
    "Snapshot",
]
