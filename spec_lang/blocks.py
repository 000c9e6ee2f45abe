"""The blocks about parties, trial and money to their parts of the contract."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeGuard

from spec_lang import syntax as s
from spec_lang.adapters import adapter
from spec_lang.basis import calls
from spec_lang.contract import Call, HeldOut, Path, Payment, Price, Public, Recipe, Reference
from spec_lang.diagnostics import listing
from spec_lang.literals import is_currency
from spec_lang.measurecalls import LIKELIHOODS
from spec_lang.settings import SAMPLES, Settings, safe_path
from spec_lang.signatures import evidence_of
from spec_lang.source import Span
from spec_lang.symbols import Report, Symbols
from spec_lang.trialarms import ARMS
from spec_lang.typechecker import Checker
from spec_lang.types import BOOL, INT, NUMBER, bare, plain

WORDS: dict[str, tuple[str, ...]] = {
    "overflow": ("refuse", "drop", "cut"),
    "optimizer": ("adamw",),
    "schedule": ("cosine", "linear", "constant"),
    "precision": ("fp32", "bf16"),
    "packing": ("none", "isolated"),
}

SEALED = ("items", "template", "score")
PUBLIC = {"lm_eval": "task", "task_version": "version", "harness": "harness", "metric": "metric", "data": "data"}
"""The labels of a public held-out set, with their fields."""


def head(item: s.Syntax) -> Span:
    """The first line of a block, to point at the block as a whole."""
    text = item.span.text
    end = text.find("{")
    return Span(
        item.span.source, item.span.start, item.span.start + (len(text[:end].rstrip()) if end > 0 else len(text))
    )


def parties(symbols: Symbols, report: Report) -> dict[str, Any]:
    """The `contract` block as fields of the contract."""
    block = symbols.contract
    if block is None:
        return {}
    read = Settings.read("contract", block.settings, head(block), report)
    volume = read.volume()
    out: dict[str, Any] = {
        "name": block.name.text,
        "title": block.title.text if block.title else "",
        "version": read.text("version") or "",
        "buyer": read.text("buyer") or "",
        "vendor": read.text("vendor") or "",
        "keys": read.file("keys"),
        "effective": read.day("effective"),
        "attempts": read.count("attempts") or 1,
    }
    if volume is not None:
        out |= {"volume_low": volume[0], "volume_high": volume[1], "lots": volume[2]}
    out["due"] = _due(read, out["effective"], out.get("lots", 1), report)
    return out


def _due(read: Settings, effective: str | None, lots: int, report: Report) -> str | tuple[str, ...] | None:
    """The day of the delivery, or one for each of its lots."""
    days = read.days("due")
    if not days:
        return None
    written = read.by_label["due"][0].values
    if effective and effective > days[0]:
        help = "correct one of the dates"
        report.error("SFT3013", "the delivery is due before the contract takes effect", written[0].span, help=help)
    late = next((at for at in range(1, len(days)) if days[at] <= days[at - 1]), None)
    if late is not None:
        why = ((written[late - 1].span, f"lot {late} is due"),)
        message = f"lot {late + 1} is due no later than the one before it"
        report.error("SFT3013", message, written[late].span, why=why, help="write the days in the order of the lots")
    elif len(days) not in (1, lots):
        message = f"{len(days)} days for {lots} {'lot' if lots == 1 else 'lots'}"
        help = (
            f"write one day for all, or {lots}" if lots > 1 else "say `in 2 lots` behind the volume, or write one day"
        )
        report.error("SFT3015", message, written[-1].span, help=help)
    return days[0] if len(days) == 1 else days


def recipes(symbols: Symbols, report: Report) -> tuple[Recipe, ...]:
    """Every recipe that is whole."""
    return tuple(
        recipe for name, item in symbols.recipes.items() if (recipe := _recipe(name, item, symbols, report)) is not None
    )


def _recipe(name: str, item: s.Recipe, symbols: Symbols, report: Report) -> Recipe | None:
    read = Settings.read("recipe", item.settings, head(item), report)
    table = symbols.meant(symbols.aliases[name], item.table, symbols.records, report)
    if table is None:
        report.unknown("SFT2011", "the record", item.table.text, item.table.span, list(symbols.records))
    values: dict[str, Any] = {"name": name, "table": table}
    values |= {label: read.file(label) for label in ("base", "tokenizer", "template")}
    values |= {label: read.count(label, "tokens") for label in ("max_length", "max_new_tokens")}
    values |= {label: read.count(label) for label in ("steps", "batch", "micro_batch", "eval_batch", "seeds")}
    values |= {"learning_rate": read.positive("learning_rate", 10), "weight_decay": read.number("weight_decay")}
    values |= {label: read.positive(label, 1) for label in ("beta1", "beta2", "epsilon")}
    values |= {"gradient_clip": read.positive("gradient_clip"), "adapter": adapter(read)}
    values |= {label: read.word(label, allowed) for label, allowed in WORDS.items()}
    values |= {"warmup": read.fraction("warmup"), "end_of_turn": read.text("end_of_turn")}
    given = {label: value for label, value in values.items() if value is not None}
    required = {name for name, field in Recipe.model_fields.items() if field.is_required()}
    return Recipe(**given) if required <= given.keys() else None


def heldouts(symbols: Symbols, report: Report) -> tuple[HeldOut, ...]:
    """Every held-out set that is whole."""
    return tuple(
        one for name, item in symbols.heldouts.items() if (one := _heldout(name, item, symbols, report)) is not None
    )


def _heldout(name: str, item: s.HeldOut, symbols: Symbols, report: Report) -> HeldOut | None:
    read = Settings.read("heldout", item.settings, head(item), report)
    if PUBLIC.keys() & read.by_label.keys():
        return _public(name, item, read, report)
    size = read.size()
    alias = symbols.aliases[name]
    record = symbols.meant(alias, item.record, symbols.records, report) if item.record else ""
    if item.record is not None and record is None:
        report.unknown("SFT2011", "the record", item.record.text, item.record.span, list(symbols.records))
    if record is None:
        return None
    if not ({"items", "score"} <= read.by_label.keys() and record):
        if read.misspelt:
            return None
        help = "a sealed set has `of <Record>`, `items` and `score`; a public one has `lm_eval`"
        report.error(
            "SFT2005", f"`{item.name.text}` does not say what is asked and how it is scored", head(item), help=help
        )
        return None
    if size is None:
        return None
    checker = Checker(symbols, report, record, answer=True) if record else None
    score = _score(read, checker, report)
    by = checker.expression(s.Path(size[2].span, size[2])) if checker is not None and size[2] is not None else None
    return HeldOut(
        name=name,
        record=record,
        items=read.file("items"),
        template=read.file("template"),
        score=score,
        size=size[0],
        clusters=size[1],
        cluster_by=by.ir if by is not None and isinstance(by.ir, Path) else None,
        doc=item.doc.text if item.doc else "",
    )


def _public(name: str, item: s.HeldOut, read: Settings, report: Report) -> HeldOut | None:
    """A public task: all its labels, and none of a sealed set, whose questions and score the task has itself."""
    size = read.size()
    missing = [label for label in PUBLIC if label not in read.by_label]
    if missing and not read.misspelt:
        lines = " and ".join(f"`{label}: {SAMPLES[label]}`" for label in missing)
        message = f"the public task of `{item.name.text}` lacks {listing(missing)}"
        report.error("SFT2005", message, head(item), help=f"add {lines}")
    own = {label: read.by_label[label][0].label.span for label in SEALED if label in read.by_label}
    own |= {"of": item.record.span} if item.record is not None else {}
    own |= {"clusters": size[2].span} if size is not None and size[2] is not None else {}
    for label, span in own.items():
        message = f"a public task has its own questions and score, so `{label}` has no place beside `lm_eval`"
        report.error("SFT2004", message, span, help="remove it, or seal a set of your own")
    given = {name: read.file(label) if label == "data" else read.text(label) for label, name in PUBLIC.items()}
    whole = {name: value for name, value in given.items() if value is not None}
    if own or size is None or len(whole) < len(given):
        return None
    doc = item.doc.text if item.doc else ""
    return HeldOut(name=name, record="", lm_eval=Public(**whole), size=size[0], doc=doc)


def _score(read: Settings, checker: Checker | None, report: Report) -> Any:
    written = read.value("score")
    if written is None or checker is None or isinstance(written, s.Rate | s.Until):
        return None
    typed = checker.expression(written)
    if typed is None:
        return None
    if bare(typed.type) not in (BOOL, INT, NUMBER) or typed.kind == "aggregate":
        help = "use a measure of one answer: `exact_match(answer, target.text)`, `same_number(...)`, `declines(answer)`"
        report.error("SFT3010", "a score is a statement or a number about one answer", typed.span, help=help)
        return None
    asking = next((call.measure for call in calls(typed.ir) if evidence_of(call.measure) == LIKELIHOODS), "")
    if asking and not (isinstance(typed.ir, Call) and typed.ir.measure == asking):
        help = f"seal two held-out sets of the same items: one scored by `{asking}`, one by what is generated"
        message = f"`{asking}` is a whole score: where options are compared, nothing is generated"
        report.error("SFT3040", message, typed.span, help=help)
        return None
    return typed.ir


def references(symbols: Symbols, report: Report) -> tuple[Reference, ...]:
    """The data that a delivery must beat."""
    out = []
    for name, item in symbols.references.items():
        if name in ARMS:
            message = f"`{name}` is {ARMS[name]}, in every trial"
            report.error("SFT2002", message, item.name.span, help="choose another name")
            continue
        matching = item.matching.text if item.matching else "trained_tokens"
        if matching not in ("trained_tokens", "records"):
            assert item.matching is not None
            words = ["trained_tokens", "records"]
            help = "write `matching trained_tokens` or `matching records`"
            message = f"arms are not matched by `{matching}`"
            report.error("SFT2007", message, item.matching.span, help=help, known=words)
            continue
        if not safe_path(item.file.text):
            message = f"`{item.file.text}` lies outside the contract's folder"
            report.error("SFT2008", message, item.file.span, help="name a file below the contract, without `..`")
            continue
        within = plain(Decimal(item.within.text) / 100) if item.within else "0.01"
        if item.within is not None and item.within.unit != "%":
            report.error("SFT3002", "a tolerance is a share in %", item.within.span, help="write `within 1%`")
        out.append(Reference(name=name, items=item.file.text, matching=matching, within=within))  # type: ignore[arg-type]
    return tuple(out)


def payment(symbols: Symbols, table: str, report: Report) -> Payment | None:
    """Prices, what is held back, and the rework allowed."""
    block = symbols.payment
    if block is None:
        return None
    read = Settings.read("payment", block.settings, head(block), report)
    is_currency(block.currency.text, block.currency.span, report)
    prices = tuple(
        price for item in read.by_label.get("price", ()) if (price := _price(item, symbols, table, report)) is not None
    )
    hold, until, days = _hold(read, report)
    rework = _rework(read, report)
    return Payment(
        currency=block.currency.text,
        prices=prices,
        hold=hold,
        hold_until=until,
        hold_days=days,
        rework_days=rework.get("days"),
        rework_rounds=rework.get("rounds"),
    )


def _is_rate(value: s.Value) -> TypeGuard[s.Rate]:
    return isinstance(value, s.Rate) and isinstance(value.amount, s.Number) and _in_money(value.amount)


def _in_money(amount: s.Number) -> bool:
    return not amount.unit or (len(amount.unit) == 3 and amount.unit.isupper())


def _price(item: s.Setting, symbols: Symbols, table: str, report: Report) -> Price | None:
    rate = item.values[0]
    if len(item.values) > 1 or not _is_rate(rate):
        help = "write `price: 18.50 per record where ...`"
        report.error("SFT3015", "`price` is an amount per record or token", item.span, help=help)
        return None
    assert isinstance(rate, s.Rate) and isinstance(rate.amount, s.Number)
    currency = symbols.payment.currency if symbols.payment is not None else None
    if rate.amount.unit and currency is not None and rate.amount.unit != currency.text:
        why = ((currency.span, "paid in this"),)
        help = f"write `{rate.amount.shown}`; a contract is paid in one currency"
        report.error("SFT3015", f"this price is in {rate.amount.unit}", rate.amount.span, why=why, help=help)
        return None
    if Decimal(rate.amount.text) < 0:
        report.error("SFT3011", "a price is never below 0", rate.amount.span, help="correct it")
        return None
    if rate.per.text not in ("record", "token"):
        help = "write `per record` or `per token`"
        message = f"nothing is paid per `{rate.per.text}`"
        report.error("SFT2007", message, rate.per.span, help=help, known=("record", "token"))
        return None
    if rate.per.text == "token" and not symbols.recipes:
        help = f"declare one: `recipe house for {table} {{ ... }}`; or write `per record`"
        report.error("SFT3006", "tokens of which recipe?", rate.per.span, "no recipe is declared", help=help)
        return None
    where = None
    if rate.where is not None:
        typed = Checker(symbols, report, table).expression(rate.where)
        if typed is None:
            return None
        if typed.type != BOOL or typed.kind != "row":
            help = "compare a field with something"
            report.error("SFT3010", "`where` is followed by a statement about one row", typed.span, help=help)
            return None
        where = typed.ir
    return Price(amount=rate.amount.text, per=rate.per.text, where=where)


def _hold(read: Settings, report: Report) -> tuple[str | None, str | None, int | None]:
    value = read.value("hold")
    if value is None:
        return None, None, None
    good = (
        isinstance(value, s.Until)
        and isinstance(value.amount, s.Number)
        and value.amount.unit == "%"
        and (value.latest is None or (isinstance(value.latest, s.Number) and value.latest.unit == "days"))
    )
    if isinstance(value, s.Until) and value.event.text != "certified":
        message = f"nothing is held back until `{value.event.text}`"
        report.error("SFT2007", message, value.event.span, help="write `until certified`", known=("certified",))
        return None, None, None
    if not good or not isinstance(value, s.Until):
        help = "write `hold: 20% until certified or 30 days`"
        report.error("SFT3015", "`hold` is a share, an event and a number of days", value.span, help=help)
        return None, None, None
    assert isinstance(value.amount, s.Number)
    days = read.whole(value.latest, "the latest day") if isinstance(value.latest, s.Number) else None
    if not 0 <= Decimal(value.amount.text) <= 100:
        message = f"`{value.amount.span.text}` is not a share; a share lies in 0%..100%"
        report.error("SFT3011", message, value.amount.span, help="correct it")
        return None, None, None
    return plain(Decimal(value.amount.text) / 100), value.event.text, days


def _rework(read: Settings, report: Report) -> dict[str, int]:
    found = read.by_label.get("rework")
    out: dict[str, int] = {}
    for value in found[0].values if found else ():
        if isinstance(value, s.Number) and value.unit in ("days", "rounds"):
            count = read.whole(value, f"the number of {value.unit}")
            out |= {value.unit: count} if count is not None else {}
        else:
            report.error(
                "SFT3015",
                "`rework` is a time and a number of rounds",
                value.span,
                help="write `rework: 10 days, 2 rounds`",
            )
    return out
