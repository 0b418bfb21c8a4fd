"""Tuning: lanes, threads, instances and batch that get the most out of this box, within latency bounds.

tuning = Tuning(read(["box.yaml"]))
tuning.run()
profile.write(tuning.document("tuned"), Path("tuned.yaml"))     # edgert run box.yaml tuned.yaml
"""

from __future__ import annotations

from .bounds import Bound
from .mix import Setting
from .search import Found, Search
from .stream_mix import StreamSetting, StreamTaken
from .stream_search import FoundStreams, StreamSearch
from .tuning import Tuning

__all__ = [
    "Bound",
    "Found",
    "FoundStreams",
    "Search",
    "Setting",
    "StreamSearch",
    "StreamSetting",
    "StreamTaken",
    "Tuning",
]
