"""The 90th percentile of a value, by nearest rank (see `quantiles`)."""

from __future__ import annotations

from acceptance.measures.protocol import Aggregate
from acceptance.measures.quantiles import percentile

MEASURE = Aggregate(percentile(90))
