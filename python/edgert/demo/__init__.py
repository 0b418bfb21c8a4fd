"""The demo: documents in documents/*.yaml, which run as any others, and what tells a person about the run."""

from __future__ import annotations

from pathlib import Path

DOCUMENTS = Path(__file__).parent / "documents"
