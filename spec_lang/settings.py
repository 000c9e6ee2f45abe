"""The settings of a block (`label: value`) to values: which labels each block has, and in which form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from spec_lang import syntax as s
from spec_lang.source import Span
from spec_lang.symbols import Report
from spec_lang.types import plain

LABELS: dict[str, dict[str, bool]] = {
    "contract": {
        "version": True,
        "buyer": True,
        "vendor": True,
        "keys": False,
        "effective": False,
        "due": False,
        "volume": False,
        "attempts": False,
    },
    "recipe": {
        "base": True,
        "tokenizer": True,
        "template": True,
        "max_length": True,
        "overflow": False,
        "steps": True,
        "batch": True,
        "optimizer": False,
        "learning_rate": True,
        "beta1": False,
        "beta2": False,
        "weight_decay": False,
        "warmup": False,
        "schedule": False,
        "precision": False,
        "max_new_tokens": True,
        "eval_batch": False,
        "end_of_turn": False,
        "seeds": True,
    },
    "heldout": {"items": False, "lm_eval": False, "template": False, "score": False, "size": True},
    "payment": {"price": True, "hold": False, "rework": False},
}
"""The labels of each block; True where the block cannot do without."""

REPEATABLE = frozenset(("price",))


@dataclass(slots=True)
class Settings:
    """One block's settings by label. Each reader returns None where the label is absent or its value is wrong."""

    block: str
    by_label: dict[str, list[s.Setting]]
    report: Report

    @classmethod
    def read(cls, block: str, settings: tuple[s.Setting, ...], head: Span, report: Report) -> Settings:
        """Reports unknown, repeated and missing labels."""
        known = LABELS[block]
        by_label: dict[str, list[s.Setting]] = {}
        for setting in settings:
            label = setting.label.text
            if label not in known:
                report.unknown("SFT2004", f"in a `{block}` block, the label", label, setting.label.span, list(known))
            elif label in by_label and label not in REPEATABLE:
                why = ((by_label[label][0].label.span, "given here first"),)
                report.error("SFT2002", f"`{label}` is given twice", setting.label.span, why=why)
            else:
                by_label.setdefault(label, []).append(setting)
        unknown = [item for item in settings if item.label.text not in known]
        missing = [f"`{label}`" for label, needed in known.items() if needed and label not in by_label]
        if missing and not unknown:
            report.error(
                "SFT2005", f"this `{block}` block lacks {', '.join(missing)}", head, help="add it to the block"
            )
        return cls(block, by_label, report)

    def value(self, label: str) -> s.Value | None:
        """The one value of a label."""
        found = self.by_label.get(label)
        if not found:
            return None
        if len(found[0].values) > 1:
            self._wrong(label, "one value", found[0].values[1].span)
            return None
        return found[0].values[0]

    def _wrong(self, label: str, wanted: str, span: Span) -> None:
        self.report.error(
            "SFT3015", f"`{label}` is {wanted}", span, help=f"write `{label}: {SAMPLES.get(label, '...')}`"
        )

    def text(self, label: str) -> str | None:
        value = self.value(label)
        if value is None or isinstance(value, s.Text):
            return value.text if value is not None else None
        self._wrong(label, "a text in quotes", value.span)
        return None

    def file(self, label: str) -> str | None:
        """A relative path inside the contract's folder."""
        name = self.text(label)
        if name is not None and not safe_path(name):
            value = self.value(label)
            assert value is not None
            message = f"`{name}` lies outside the contract's folder"
            self.report.error("SFT2008", message, value.span, help="name a file below the contract, without `..`")
            return None
        return name

    def day(self, label: str) -> str | None:
        value = self.value(label)
        if value is None:
            return None
        if not isinstance(value, s.Date):
            self._wrong(label, "a date", value.span)
            return None
        try:
            date.fromisoformat(value.text)
        except ValueError:
            self.report.error("SFT3016", f"there is no day {value.text}", value.span, help="dates are YYYY-MM-DD")
            return None
        return value.text

    def number(self, label: str, unit: str = "") -> str | None:
        """A number in `unit`, as a plain decimal."""
        value = self.value(label)
        if value is None:
            return None
        return self._amount(label, value, unit)

    def _amount(self, label: str, value: s.Value, unit: str) -> str | None:
        if not isinstance(value, s.Number) or value.unit != unit:
            wanted = f"a number of {unit}" if unit and unit != "%" else "a share in %" if unit else "a plain number"
            self._wrong(label, wanted, value.span)
            return None
        return value.text

    def count(self, label: str, unit: str = "", least: int = 1) -> int | None:
        """A whole number of `unit`, at least `least`."""
        text = self.number(label, unit)
        if text is None:
            return None
        return self._whole(label, text, least)

    def _whole(self, label: str, text: str, least: int) -> int | None:
        number = Decimal(text)
        if number != number.to_integral_value() or number < least or number > 10**12:
            value = self.value(label)
            assert value is not None
            self.report.error("SFT3011", f"`{label}` is a whole number from {least}", value.span)
            return None
        return int(number)

    def word(self, label: str, allowed: tuple[str, ...]) -> str | None:
        value = self.value(label)
        if value is None:
            return None
        if isinstance(value, s.Path) and value.word.text in allowed:
            return value.word.text
        self.report.unknown("SFT2007", f"for `{label}`, the word", value.span.text, value.span, list(allowed))
        return None

    def fraction(self, label: str) -> str | None:
        """A share as a fraction: `10%` is `0.1`."""
        text = self.number(label, "%")
        return plain(Decimal(text) / 100) if text is not None else None

    def volume(self) -> tuple[int, int, int] | None:
        """`1_900..2_100 records in 4 lots` as (low, high, lots)."""
        value = self.value("volume")
        lots = 1
        if isinstance(value, s.Membership):
            right = value.right
            if not isinstance(right, s.Number) or right.unit != "lots" or value.by is not None:
                self._wrong("volume", "a number of records, in lots", right.span)
                return None
            lots, value = int(Decimal(right.text)), value.left
        ends = [value.low, value.high] if isinstance(value, s.Interval) else [value, value]
        if value is None:
            return None
        if not all(isinstance(end, s.Number) for end in ends) or ends[1].unit != "records":
            self._wrong("volume", "a number of records", value.span)
            return None
        low, high = (int(Decimal(end.text)) for end in ends if isinstance(end, s.Number))
        if low > high or lots < 1:
            self.report.error("SFT3013", "these bounds are the wrong way round", value.span, "the first is larger")
            return None
        return low, high, lots

    def size(self) -> tuple[int, int | None, s.Word | None] | None:
        """`800 records in 160 clusters by input.repository` as (items, clusters, path)."""
        value = self.value("size")
        if value is None:
            return None
        records = value.left if isinstance(value, s.Membership) else value
        items = self._amount("size", records, "records")  # type: ignore[arg-type]
        if items is None:
            return None
        if not isinstance(value, s.Membership):
            return int(Decimal(items)), None, None
        clusters = value.right
        if not isinstance(clusters, s.Number) or clusters.unit != "clusters" or value.by is None:
            self._wrong("size", "a number of records, in clusters by a field", value.right.span)
            return None
        return int(Decimal(items)), int(Decimal(clusters.text)), value.by


SAMPLES = {
    "volume": "1_900..2_100 records in 4 lots",
    "size": "800 records in 160 clusters by input.repository",
    "effective": "2026-12-01",
    "due": "2027-02-15",
    "max_length": "4_096 tokens",
    "max_new_tokens": "512 tokens",
    "warmup": "10%",
    "learning_rate": "1.5e-3",
    "hold": "20% until certified or 30 days",
    "rework": "10 days, 2 rounds",
    "price": "18.50 per record where target.outcome == recovery",
}


def safe_path(name: str) -> bool:
    """Relative, inside the folder, without backslashes or empty parts."""
    parts = name.split("/")
    return bool(name) and not name.startswith("/") and "\\" not in name and not {"", "..", "."} & set(parts)
