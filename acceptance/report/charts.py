"""A view to the charts of what was delivered, counted; what a trial found is drawn in `trialcharts`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from acceptance.figures import Census, Clusters, Histogram, Share, Slice
from acceptance.report.drawings import Mark, Plot, Strip, Strips, points, scale, strips
from acceptance.report.view import View


def of(view: View) -> tuple[Strips | Plot, ...]:
    """The charts that this view has something to draw for, in the order of the page."""
    figures = view.figures
    drawn: list[Strips | Plot] = [
        *mixture(view, figures.shares),
        *map(lengths, figures.histograms),
        *(chart for one in figures.census for chart in census(one)),
        *map(clusters, figures.clusters),
        *found(view),
    ]
    return tuple(drawn)


# ------------------------------------------------------------------------------------------------ what was found


def found(view: View) -> Iterator[Strips]:
    """Rows that count against each clause."""
    entries = sorted((entry for entry in view.decided_here if entry.marked), key=lambda entry: -entry.marked)
    if entries:
        most = entries[0].marked
        rows = [Strip(entry.clause, f"{entry.marked:,}{' dropped' if entry.dropped else ''}",
                      (Mark("bar", 0, 100 * entry.marked / most),), entry.verdict) for entry in entries]  # fmt: skip
        yield strips("Rows that count against a clause", (("bar", "rows"),), ("0", f"{most:,}"), rows)


def mixture(view: View, shares: Sequence[Share]) -> Iterator[Strips]:
    """Each entry of a mixture: found, and what the contract allows."""
    if not shares:
        return
    verdicts = {entry.clause: entry.verdict for entry in view.ledger.entries}
    top = scale(max(max(share.high, share.most or 0, share.least or 0) for share in shares))
    rows = [Strip(share.clause.removeprefix("mixture."), between(share), tuple(share_marks(share, top)),
                  verdicts.get(share.clause, "")) for share in shares]  # fmt: skip
    key = (("bar", "found"), ("band", "allowed"))
    yield strips("Mixture: found and agreed", key, ("0 %", points(top / 2), points(top)), rows)


def share_marks(share: Share, top: float) -> Iterator[Mark]:
    if share.least is not None or share.most is not None:
        high = min(share.most, top) if share.most is not None else top
        yield Mark("band", 100 * (share.least or 0) / top, 100 * high / top)
    yield Mark("bar", 0, 100 * share.low / top)
    for end in (share.least, share.most):
        if end is not None and 0 < end < 1:
            yield Mark("limit", 100 * end / top)


def between(share: Share) -> str:
    """`21.0 % (18 % to 24 %)`."""
    value = points(share.low) if share.low == share.high else f"{points(share.low)} to {points(share.high)}"
    if share.least is None and share.most is None:
        return value
    if share.most is None or share.most >= 1:
        return f"{value} (at least {points(share.least or 0)})"
    return f"{value} ({points(share.least)} to {points(share.most)})" if share.least else (
        f"{value} (at most {points(share.most)})")  # fmt: skip


def clusters(one: Clusters) -> Strips:
    """How many clusters of each size."""
    most = max(one.sizes.values())
    rows = [Strip(f"{size:,} rows alike", f"{count:,} cluster{'s' if count > 1 else ''}",
                  (Mark("bar", 0, 100 * count / most),)) for size, count in sorted(one.sizes.items())]  # fmt: skip
    return strips(f"Clusters of {one.what}", (("bar", "clusters of this size"),), ("0", f"{most:,}"), rows)


# ------------------------------------------------------------------------------------------------ tokens


def lengths(one: Histogram) -> Plot:
    """A histogram with the bounds that clauses set."""
    past = one.start + one.step * len(one.counts)
    low, high = one.start, max([past, *(limit.value for limit in one.limits if limit.value <= 4 * past)])
    span, most = high - low, max(one.counts)
    bars = tuple(
        (100 * (at - low) / span, 100 * one.step / span, 100 * count / most, bin_words(one, at, count))
        for at, count in zip(range(one.start, past, one.step), one.counts, strict=True)
    )
    limits = tuple((100 * (limit.value - low) / span, f"{limit.clause}: {limit.value:,.0f} {one.unit}")
                   for limit in one.limits if low <= limit.value <= high)  # fmt: skip
    key = (("bar", "accepted rows"), *(("limit", words) for _, words in limits))
    ends = (f"{low:,}", f"{high:,.0f} {one.unit}")
    return Plot(one.what, key, ends, f"0 to {most:,} rows", bars, limits=limits)


def bin_words(one: Histogram, at: int, count: int) -> str:
    """`10 to 14 tokens: 3 rows`."""
    values = f"{at:,}" if one.step == 1 else f"{at:,} to {at + one.step - 1:,}"
    return f"{values} {one.unit}: {count:,} row{'' if count == 1 else 's'}"


def census(one: Census) -> Iterator[Strips]:
    """How much of what the model reads it is trained on, whole and by entry of the mixtures."""
    share = one.trained / one.tokens if one.tokens else 0
    rows = [Strip("all accepted rows", f"{one.trained:,} of {one.tokens:,} tokens ({points(share)})",
                  (Mark("bar", 0, 100), Mark("part", 0, 100 * share)))]  # fmt: skip
    key = (("part", "trained"), ("bar", "only read"))
    yield strips(f"Loss mask under {one.recipe}", key, ("0", f"{one.tokens:,} tokens"), rows)
    if any(part.trained for part in one.slices):
        yield strips(f"Trained tokens by entry, under {one.recipe}", (("part", "trained tokens"),),
                     ("0", f"{max(part.trained for part in one.slices):,}"), list(by_entry(one.slices)))  # fmt: skip


def by_entry(slices: Sequence[Slice]) -> Iterator[Strip]:
    most = max(part.trained for part in slices)
    for part in slices:
        each = f"{part.trained / part.rows:,.1f} a row" if part.rows else "no row"
        yield Strip(part.clause.removeprefix("mixture."), f"{part.trained:,} ({each})",
                    (Mark("part", 0, 100 * part.trained / most),))  # fmt: skip
