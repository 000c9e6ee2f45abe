"""The settings of a block (`label: value`) to values: which labels each block has, and in which form."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from spec_lang import syntax as s
from spec_lang.diagnostics import listing
from spec_lang.literals import is_day
from spec_lang.source import Span
from spec_lang.symbols import Report
from spec_lang.types import Quantity, describe, plain

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
        "epsilon": False,
        "weight_decay": False,
        "gradient_clip": False,
        "warmup": False,
        "schedule": False,
        "precision": False,
        "micro_batch": False,
        "packing": False,
        "adapter": False,
        "max_new_tokens": True,
        "eval_batch": False,
        "end_of_turn": False,
        "seeds": True,
    },
    "heldout": {
        "items": False,
        "template": False,
        "score": False,
        "lm_eval": False,
        "task_version": False,
        "harness": False,
        "metric": False,
        "data": False,
        "size": True,
    },
    "payment": {"price": True, "hold": False, "rework": False},
}
"""The labels of each block; True where the block cannot do without."""

MOST = 10**12
"""The largest count that a contract may name."""

LONGEST = 80
"""Characters of a user's value that a message repeats."""

REPEATABLE = frozenset(("price",))


@dataclass(slots=True)
class Settings:
    """One block's settings by label. Each reader returns None where the label is absent or its value is wrong."""

    block: str
    by_label: dict[str, list[s.Setting]]
    report: Report
    misspelt: bool = False
    """Whether the block has a label that is not known: it may be meant as one that is missing."""

    @classmethod
    def read(cls, block: str, settings: tuple[s.Setting, ...], head: Span, report: Report) -> Settings:
        """Reports unknown, repeated and missing labels."""
        known = LABELS[block]
        by_label: dict[str, list[s.Setting]] = {}
        for setting in settings:
            label = setting.label.text
            if label not in known:
                span = setting.label.span
                message = f"a `{block}` block has no label `{label}`"
                report.error("SFT2004", message, span, help=f"its labels are {listing(known, 20)}", known=known)
            elif label in by_label and label not in REPEATABLE:
                why = ((by_label[label][0].label.span, "given here first"),)
                report.error("SFT2002", f"`{label}` is given twice", setting.label.span, why=why, help="keep one")
            else:
                by_label.setdefault(label, []).append(setting)
        misspelt = any(item.label.text not in known for item in settings)
        missing = [label for label, needed in known.items() if needed and label not in by_label]
        if missing and not misspelt:
            lines = " and ".join(f"`{label}: {SAMPLES.get(label, '...')}`" for label in missing[:3])
            help = f"add {lines}{' and so on' if len(missing) > 3 else ''}"
            report.error("SFT2005", f"this `{block}` block lacks {listing(missing)}", head, help=help)
        return cls(block, by_label, report, misspelt)

    def value(self, label: str) -> s.Value | None:
        """The one value of a label."""
        found = self.by_label.get(label)
        if not found:
            return None
        if len(found[0].values) > 1:
            self._wrong(label, "one value", found[0].values[1].span)
            return None
        return found[0].values[0]

    def _wrong(self, label: str, wanted: str, span: Span, mended: str = "") -> None:
        """`mended`: the user's own value as it should be; without one of a decent length, a sample is shown."""
        own = mended if len(mended) <= LONGEST else ""
        help = f"write it like this: `{label}: {own or SAMPLES.get(label, '...')}`"
        self.report.error("SFT3015", f"`{label}` is {wanted}", span, help=help)

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
        return value.text if is_day(value, self.report) else None

    def days(self, label: str) -> tuple[str, ...]:
        """One day or several; none where one of them is wrong."""
        values = [value for setting in self.by_label.get(label, ())[:1] for value in setting.values]
        dates = [value for value in values if isinstance(value, s.Date)]
        if len(dates) < len(values):
            self._wrong(label, "a date, or one for each lot", next(one for one in values if one not in dates).span)
            return ()
        real = [one.text for one in dates if is_day(one, self.report)]
        return tuple(real) if len(real) == len(dates) else ()

    def number(self, label: str, unit: str = "") -> str | None:
        """A number in `unit`, as a plain decimal."""
        value = self.value(label)
        if value is None:
            return None
        return self._amount(label, value, unit)

    def _amount(self, label: str, value: s.Value, unit: str) -> str | None:
        if not isinstance(value, s.Number) or value.unit != unit:
            wanted = describe(Quantity(unit=unit)) if unit else "a plain number"
            self._wrong(label, wanted, value.span, self._with_unit(label, value, unit))
            return None
        return value.text

    def _with_unit(self, label: str, value: object, unit: str) -> str:
        """The label's value with the unit that a number lacks. A share is not mended: 0.1 may be 10%."""
        if not isinstance(value, s.Number) or value.unit or unit in ("", "%"):
            return ""
        whole, behind = _written(self.by_label[label][0]), value.span.end
        return f"{Span(whole.source, whole.start, behind).text} {unit}{Span(whole.source, behind, whole.end).text}"

    def count(self, label: str, unit: str = "", least: int = 1) -> int | None:
        """A whole number of `unit`, at least `least`."""
        value = self.value(label)
        if value is None or self._amount(label, value, unit) is None:
            return None
        return self.whole(value, f"`{label}`", least)

    def whole(self, value: s.Value, what: str, least: int = 1) -> int | None:
        """A whole number from `least`, of whatever unit; `what` names it in a message."""
        assert isinstance(value, s.Number)
        number = Decimal(value.text)
        if number != number.to_integral_value() or not least <= number <= MOST:
            message = f"{what} is a whole number from {least}"
            self.report.error("SFT3011", message, value.span, help="correct it")
            return None
        return int(number)

    def positive(self, label: str, most: int | None = None) -> str | None:
        """A number above 0, up to `most`."""
        text = self.number(label)
        if text is None:
            return None
        value = self.value(label)
        assert value is not None
        if Decimal(text) <= 0 or (most is not None and Decimal(text) > most):
            range_ = f"between 0 and {most}" if most is not None else "above 0"
            self.report.error("SFT3011", f"`{label}` lies {range_}", value.span, help="correct it")
            return None
        return text

    def word(self, label: str, allowed: tuple[str, ...]) -> str | None:
        value = self.value(label)
        if value is None:
            return None
        if isinstance(value, s.Path) and value.word.text in allowed:
            return value.word.text
        word = value.span.text
        help = f"write {' or '.join(f'`{item}`' for item in allowed)}"
        self.report.error("SFT2007", f"`{label}` cannot be `{word}`", value.span, help=help, known=allowed)
        return None

    def fraction(self, label: str) -> str | None:
        """A share as a fraction: `10%` is `0.1`."""
        text = self.number(label, "%")
        return plain(Decimal(text) / 100) if text is not None else None

    def volume(self) -> tuple[int, int, int] | None:
        """`1_900..2_100 records in 4 lots` as (low, high, lots)."""
        value = self.value("volume")
        if value is None:
            return None
        lots: int | None = 1
        if isinstance(value, s.Membership):
            right = value.right
            if not isinstance(right, s.Number) or right.unit != "lots" or value.by is not None:
                self._wrong("volume", "a number of records, in lots", right.span)
                return None
            lots, value = self.whole(right, "the number of lots"), value.left
        ends = [value.low, value.high] if isinstance(value, s.Interval) else [value, value]
        low, high = ends
        if not isinstance(low, s.Number) or not isinstance(high, s.Number) or not _of_records(low, high):
            self._wrong("volume", "a number of records", value.span, self._with_unit("volume", high, "records"))
            return None
        counted = [self.whole(end, "the volume") for end in dict.fromkeys((low, high))]
        if lots is None or counted[0] is None or counted[-1] is None:
            return None
        if counted[0] > counted[-1]:
            help = "write the smaller one first"
            message = "these bounds are the wrong way round"
            self.report.error("SFT3013", message, value.span, "the first is larger", help=help)
            return None
        return counted[0], counted[-1], lots

    def size(self) -> tuple[int, int | None, s.Word | None] | None:
        """`800 records in 160 clusters by input.repository` as (items, clusters, path)."""
        value = self.value("size")
        if value is None:
            return None
        records = value.left if isinstance(value, s.Membership) else value
        if self._amount("size", records, "records") is None:
            return None
        items = self.whole(records, "`size`")
        if not isinstance(value, s.Membership) or items is None:
            return None if items is None else (items, None, None)
        right = value.right
        if not isinstance(right, s.Number) or right.unit != "clusters" or value.by is None:
            self._wrong("size", "a number of records, in clusters by a field", right.span)
            return None
        clusters = self.whole(right, "the number of clusters", 2)
        if clusters is not None and clusters > items:
            help = "a cluster holds one item or more"
            self.report.error("SFT3011", "there are more clusters than items", right.span, help=help)
            return None
        return None if clusters is None else (items, clusters, value.by)


def _written(setting: s.Setting) -> Span:
    """All values of a label, as they stand in the text."""
    first, last = setting.values[0].span, setting.values[-1].span
    return Span(first.source, first.start, last.end)


def _of_records(low: s.Number, high: s.Number) -> bool:
    return high.unit == "records" and low.unit in ("", "records")


SAMPLES = {
    "version": '"1.0.0"',
    "buyer": '"Northwind AI"',
    "vendor": '"Meridian Data Works"',
    "keys": '"keys.json"',
    "attempts": "1",
    "base": '"models/base"',
    "tokenizer": '"models/base/tokenizer.json"',
    "template": '"record.jinja"',
    "end_of_turn": '"<|end|>"',
    "steps": "400",
    "batch": "16",
    "seeds": "10",
    "items": '"sealed/items.jsonl"',
    "lm_eval": '"hellaswag"',
    "task_version": '"1.0"',
    "harness": '"0.4.13"',
    "metric": '"acc_norm,none"',
    "data": '"public/hellaswag"',
    "score": "exact_match(answer, target.text)",
    "volume": "1_900..2_100 records in 4 lots",
    "size": "800 records in 160 clusters by input.repository",
    "effective": "2026-12-01",
    "due": "2027-02-15",
    "max_length": "4_096 tokens",
    "max_new_tokens": "512 tokens",
    "warmup": "10%",
    "learning_rate": "1.5e-3",
    "epsilon": "1e-8",
    "gradient_clip": "1",
    "micro_batch": "4",
    "packing": "isolated",
    "adapter": 'lora(rank: 16, alpha: 32, targets: { "q_proj", "v_proj" })',
    "hold": "20% until certified or 30 days",
    "rework": "10 days, 2 rounds",
    "price": "18.50 per record",
}


def safe_path(name: str) -> bool:
    """Relative, inside the folder, without backslashes or empty parts."""
    parts = name.split("/")
    return bool(name) and not name.startswith("/") and "\\" not in name and not {"", "..", "."} & set(parts)
