"""Whether a workload fits, in a sentence or two."""

from __future__ import annotations

from .outcome import KEPT, Outcome, PipelineOutcome

NAMED = 3


def fits(outcome: Outcome) -> bool:
    """Whether every pipeline has 99.9 % of its frames answered, in time where it has a bound."""
    return all(one.fits for one in outcome.pipelines)


def verdict(outcome: Outcome) -> str:
    """What one wants to know first."""
    bounded = sum(1 for one in outcome.pipelines if one.bound_ms is not None)
    if fits(outcome):
        worst = min((one.share for one in outcome.pipelines), default=1.0)
        said = "every bound is kept" if bounded == len(outcome.pipelines) else "every frame is answered"
        if 0 < bounded < len(outcome.pipelines):
            said += ", in time where there is a bound,"
        return f"fits: {said} in {KEPT:.1%} of the cases and more (the least: {worst:.2%})"
    missing = sorted((one for one in outcome.pipelines if not one.fits), key=lambda one: one.share)
    named = "; ".join(_missing(one) for one in missing[:NAMED])
    more = f"; and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
    return f"doesn't fit: {len(missing)} of {len(outcome.pipelines)} pipelines miss too much: {named}{more}"


def _missing(one: PipelineOutcome) -> str:
    p99 = one.quantile(0.99)
    said = f"{one.name} misses {1 - one.share:.2%}"
    if one.bound_ms is not None and p99 is not None and p99 > one.bound_ms:
        said += f" (p99 {p99:.4g} ms, {p99 - one.bound_ms:.3g} ms over its bound)"
    return said
