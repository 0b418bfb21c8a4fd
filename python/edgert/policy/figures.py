"""What is counted of a policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass
class Counts:
    """Since the policy was set; `restarts`, processes after its first one."""

    calls: int = 0
    tables: int = 0
    late: int = 0
    raised: int = 0
    refused: int = 0
    ended: int = 0
    restarts: int = 0

    def row(self) -> dict[str, int]:
        """By name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


FAMILIES = (
    ("calls", "edgert_policy_calls_total", "counter", "Times that the policy was asked for a table."),
    ("tables", "edgert_policy_tables_total", "counter", "Good tables that it gave."),
    ("late", "edgert_policy_late_total", "counter", "Times that it took too long and was killed."),
    ("raised", "edgert_policy_raised_total", "counter", "Exceptions that it raised."),
    ("refused", "edgert_policy_refused_total", "counter", "Tables that could not be meant."),
    ("ended", "edgert_policy_ended_total", "counter", "Times that its process ended by itself."),
    ("restarts", "edgert_policy_restarts_total", "counter", "Times that its process was started again."),
    ("table_age_s", "edgert_policy_table_age_seconds", "gauge", "Time since the last good table."),
    (
        "call_ms",
        "edgert_policy_call_milliseconds",
        "gauge",
        "What the last call took, as the runtime saw it.",
    ),
    ("problem", "edgert_policy_problem", "gauge", "1 while the last good table stays for want of a newer."),
)


def prometheus_of(row: Mapping[str, Any] | None) -> str:
    """The figures in Prometheus' text format; nothing where there is no policy."""
    if row is None:
        return ""
    label = str(row["name"]).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    lines = []
    for key, family, kind, about in FAMILIES:
        if row[key] is not None:
            value = float(bool(row[key])) if key == "problem" else float(row[key])
            lines += [f"# HELP {family} {about}", f"# TYPE {family} {kind}"]
            lines.append(f'{family}{{policy="{label}"}} {value:.9g}')
    return "\n".join(lines) + "\n"
