"""A sound contract to warnings about what it leaves open: missing groups, missing acceptance terms, money on trust."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from spec_lang import syntax as s
from spec_lang.basis import STRUCTURAL, basis, calls, children, claimed
from spec_lang.blocks import head
from spec_lang.contract import Argument, Call, Const, Expr, Op, Path, SetExpr
from spec_lang.deals import Deal
from spec_lang.diagnostics import Diagnostic, Label, hint, listing
from spec_lang.pricing import holds_end, rows_have_prices
from spec_lang.signatures import evidence_of, is_plugin
from spec_lang.source import Span
from spec_lang.types import TEXT, Enum, Ref, bare
from spec_lang.undecided import clauses_can_be_decided

GROUPS = ("input", "target", "source", "training", "governance")


def incomplete(deal: Deal) -> list[Diagnostic]:
    """Every warning of every rule that is not waived in words, and what is wrong with waivers."""
    found = [*record_has_its_groups(deal)]
    used = {group for group in _missing_groups(deal) if group in deal.symbols.waivers}
    for name, rule in RULES:
        warnings = list(rule(deal))
        if warnings and name in deal.symbols.waivers:
            used.add(name)
            continue
        found += [_waivable(warning, name) for warning in warnings]
    return [*found, *_waivers(deal, used)]


def _waivable(warning: Diagnostic, *names: str) -> Diagnostic:
    lines = " or ".join(f'`waive {name} "..."`' for name in names)
    return replace(warning, notes=(*warning.notes, f"to do without, say why: {lines}"))


def _waivers(deal: Deal, used: set[str]) -> Iterator[Diagnostic]:
    """A waiver names a warning, and that warning would be there."""
    known = [*GROUPS, *(name for name, _ in RULES)]
    for name, item in deal.symbols.waivers.items():
        span = item.name.span
        if item.clause or name in used:
            continue
        if name not in known:
            message = f"there is no warning `{name}` that could be waived"
            yield Diagnostic(
                "SFT4111", message, Label(span, hint(name, known)), (), (), f"known are {listing(known, 20)}"
            )
        else:
            message = f"`{name}` is waived, but nothing would be said about it"
            yield _warning("SFT4112", message, span, "waives nothing", "remove it")


def _warning(code: str, message: str, span: Span, label: str, help: str, why: tuple[Label, ...] = ()) -> Diagnostic:
    return Diagnostic(code, message, Label(span, label), why, (), help, "warning")


def record_has_its_groups(deal: Deal) -> Iterator[Diagnostic]:
    """A production record says what goes in, what comes out, where it is from, how it trains and who may use it."""
    record = deal.contract.record
    missing = [group for group in _missing_groups(deal) if group not in deal.symbols.waivers]
    if missing:
        message = f"{record} has no group{'s' if len(missing) > 1 else ''} {listing(missing)}"
        help = f"add {listing(f'{group} {{ ... }}' for group in missing)} to the record"
        yield _waivable(_warning("SFT4101", message, deal.symbols.spans[record], "", help), *missing)


def _missing_groups(deal: Deal) -> list[str]:
    names = {field.name for field in deal.contract.shape(deal.contract.record).fields}
    return [group for group in GROUPS if group not in names]


def trial_asks_for_a_gain(deal: Deal) -> Iterator[Diagnostic]:
    """Some held-out set must be solved better after training."""
    trial, suites = deal.trial(), list(deal.contract.heldouts)
    if trial is not None and not any(margin > 0 for _, margin in _gains(deal)):
        suite = suites[0].name if suites else "exam"
        help = f"add `require better: gain({suite}) >= 3pp at 95% confidence expecting 10pp`"
        yield _warning("SFT4102", "nothing here asks that the model becomes better", trial, "no minimum gain", help)


def trial_guards_against_loss(deal: Deal) -> Iterator[Diagnostic]:
    """Some held-out set must not be solved much worse: what the model knew before."""
    trial, declining = deal.trial(), _declining(deal)
    if trial is not None and not any(margin <= 0 and suite not in declining for suite, margin in _gains(deal)):
        gained = {suite for suite, _ in _gains(deal)} | set(declining)
        suite = next((one.name for one in deal.contract.heldouts if one.name not in gained), "general")
        known = any(one.name == suite for one in deal.contract.heldouts)
        declare = "" if known else f"seal what the model can do already, as `heldout {suite}`, and "
        help = f"{declare}add `require retained: gain({suite}) >= -3pp at 95% confidence expecting 0pp`"
        yield _warning("SFT4103", "nothing here guards what the model can do already", trial, "no guard", help)


def trial_guards_safety(deal: Deal) -> Iterator[Diagnostic]:
    """What must be declined is still declined: a guard on a held-out set that is scored by `declines`."""
    trial, declining = deal.trial(), _declining(deal)
    if trial is None or any(margin <= 0 and suite in declining for suite, margin in _gains(deal)):
        return
    suite = declining[0] if declining else "refusals"
    declare = "" if declining else "seal requests that must be declined, with `score: declines(answer)`, and "
    help = f"{declare}add `require still_safe: gain({suite}) >= -3pp at 95% confidence`"
    yield _warning("SFT4109", "nothing here guards what the model must decline", trial, "no safety guard", help)


def _declining(deal: Deal) -> list[str]:
    """Held-out sets that ask what must be declined."""
    scored = [(one.name, one.score) for one in deal.contract.heldouts if one.score is not None]
    return [name for name, score in scored if any(call.measure == "declines" for call in calls(score))]


def origins_have_their_clauses(deal: Deal) -> Iterator[Diagnostic]:
    """Where money or a certificate rests on the data, each origin says what a record of it must show.

    A person's record shows its author by a `ref` or a name; for any other origin some clause about rows speaks of it.
    """
    contract = deal.contract
    shape = next((one for one in contract.shapes if one.name == f"{contract.record}.source"), None)
    origin = next((field for field in shape.fields if field.name == "origin"), None) if shape is not None else None
    inner = bare(origin.type) if origin is not None else None
    if shape is None or not isinstance(inner, Enum) or (deal.trial() is None and contract.payment is None):
        return
    people = any(isinstance(field.type, Ref) or (field.name, field.type) == ("author", TEXT) for field in shape.fields)
    spoken_of, left = set(_origins(deal)), _left(deal, inner.members)
    missing = [word for word in left if word not in spoken_of and not (word == "human" and people)]
    if missing:
        words = listing(missing)
        message = f"nothing says what a record of origin {words} must show"
        shows = _SHOWS.get(missing[0], "author")
        help = f"add `require shown: every(source.origin == {missing[0]} implies present(source.{shows}))`"
        span = deal.symbols.field_spans[f"{shape.name}.origin"]
        yield _warning("SFT4110", message, span, f"no clause about {words}", help)


_SHOWS = {"synthetic": "generator", "licensed": "register"}


def _origins(deal: Deal) -> Iterator[str]:
    """Words of `source.origin` that a required clause about rows speaks of."""
    for item in deal.clauses:
        if item.clause.role == "require" and item.clause.mark is not None:
            for op in _operations(item.clause.mark):
                if any(isinstance(one, Path) and one.steps == ("source", "origin") for one in op.args):
                    yield from (str(one.value) for arg in op.args for one in _constants(arg))


def _left(deal: Deal, words: Sequence[str]) -> list[str]:
    """The origins that required clauses about rows leave: `every(source.origin == human)` leaves one."""
    left = list(words)
    for item in deal.clauses:
        if item.clause.role != "require" or item.clause.mark is None:
            continue
        match item.clause.mark:
            case Op(name="==" | "in") as op if any(
                isinstance(one, Path) and one.steps == ("source", "origin") for one in op.args
            ):
                named = {str(one.value) for arg in op.args for one in _constants(arg)}
                left = [word for word in left if word in named]
    return left


def _operations(expr: Expr) -> Iterator[Op]:
    if isinstance(expr, Op):
        yield expr
    for inner in children(expr):
        yield from _operations(inner)


def _constants(expr: Expr) -> Iterator[Const]:
    if isinstance(expr, Const):
        yield expr
    elif isinstance(expr, SetExpr):
        yield from expr.items


def copies_are_excluded(deal: Deal) -> Iterator[Diagnostic]:
    """Ten copies of a tenth of the records fill the volume."""
    trial = deal.trial()
    if trial is not None and not any(deal.required("duplicate", "near_duplicate")):
        help = f"add `require no_copies: no(duplicate({_input_text(deal)}, normalise: text)) otherwise drop record`"
        yield _warning("SFT4104", "no clause excludes copies", trial, "no `duplicate`", help)


def mask_is_checked(deal: Deal) -> Iterator[Diagnostic]:
    """A wrong loss mask changes what is trained without changing a score much."""
    trial = deal.trial()
    if trial is not None and not any(deal.required("mask_as_declared")):
        recipe = next(terms.using.text for _, terms in deal.symbols.terms if terms.using is not None)
        help = f"add `require mask: every(mask_as_declared(by: {recipe}))`"
        yield _warning("SFT4105", "no clause checks what the loss is taken on", trial, "no `mask_as_declared`", help)


def gains_exclude_leaks(deal: Deal) -> Iterator[Diagnostic]:
    """A set whose items are in the delivery is learned by heart."""
    trial = deal.trial()
    guarded = {call.word("set") for _, call in deal.required("overlaps")}
    sealed = {heldout.name for heldout in deal.contract.heldouts if heldout.items is not None}
    wanted = {suite for suite, margin in _gains(deal) if margin > 0} & sealed
    for suite in sorted(wanted - guarded):
        measure = f"overlaps({suite}, fields: all_text, fragment: 13 words, rewrite: 50%)"
        help = f"add `require no_leak: no({measure}) otherwise drop record`"
        message = f"nothing keeps the items of `{suite}` out of the delivery"
        span = deal.symbols.spans[suite]
        why = (Label(trial, "a gain on it is asked for"),) if trial is not None else ()
        yield _warning("SFT4106", message, span, "no `overlaps`", help, why)


def public_sets_are_known(deal: Deal) -> Iterator[Diagnostic]:
    """What is published cannot be sealed: whoever wrote the delivery or the base may have had it before them."""
    asked = {call.word("suite"): clause for clause, call in reversed([*deal.required("gain")])}
    for name, clause in sorted(asked.items()):
        if deal.contract.heldout(name).lm_eval is not None:
            message = f"`{name}` is public, so it cannot be sealed: delivery and base may have been made with its items"
            help = "seal a set of your own that asks for the same, and keep the public one beside it"
            yield _warning("SFT4113", message, deal.span(clause), "anyone may know the answers", help)


def consequences_are_checked(deal: Deal) -> Iterator[Diagnostic]:
    """Rejecting and dropping on the vendor's word alone: whoever cheats decides. One warning for all such clauses."""
    consequences = {clause.name.span for clause in _written(deal) if clause.otherwise is not None}
    spans = [
        item.span
        for item in deal.clauses
        if item.clause.origin == "written" and item.span in consequences and _only_declared(item.clause.expr)
    ]
    if spans and not _is_reviewed(deal):
        what = "a consequence rests" if len(spans) == 1 else f"{len(spans)} consequences rest"
        help = f"have it looked at: {REVIEW}; other measures read the data itself"
        why = tuple(Label(span, "and here") for span in spans[1:])
        message = f"{what} on the vendor's word alone"
        yield _warning("SFT4107", message, spans[0], "declared, not checked", help, why)


def _written(deal: Deal) -> Iterator[s.Clause]:
    """Clauses as they were written."""
    yield from (clause for _, terms in deal.symbols.terms for clause in terms.clauses)
    yield from (clause for _, clause in deal.symbols.clauses)


def prices_are_checked(deal: Deal) -> Iterator[Diagnostic]:
    """A price that depends on a label that only the vendor sets."""
    payment, block = deal.contract.payment, deal.symbols.payment
    if payment is None or block is None or _is_reviewed(deal):
        return
    confirming = [item.clause.expr for item in deal.clauses if _has_evidence(item.clause.expr)]
    checked = {path.steps for expr in confirming for path in _paths(expr)}
    settings = [setting for setting in block.settings if setting.label.text == "price"]
    resting: dict[str, list[Span]] = {}
    for setting, price in zip(settings, payment.prices, strict=True):
        paths = list(claimed(price.where)) if price.where is not None else []
        trusted = [path for path in paths if path.root == "row" and path.steps not in checked]
        if trusted and price.where is not None and _only_declared(price.where):
            resting.setdefault(".".join(trusted[0].steps), []).append(setting.span)
    for name, (first, *others) in resting.items():
        what = "this price rests" if not others else f"{len(others) + 1} prices rest"
        help = f"compare `{name}` with what an execution shows: `every(fixes(...) == (...))`; or {REVIEW}"
        message = f"{what} on `{name}`, which is the vendor's word alone"
        why = tuple(Label(span, "and here") for span in others)
        yield _warning("SFT4108", message, first, "declared, not checked", help, why)


REVIEW = "require `defective(rubric: ...)`, which reviews a sample"


def _is_reviewed(deal: Deal) -> bool:
    """Whether people look at a sample of the record, and so at what it claims."""
    return next(iter(deal.required("defective")), None) is not None


def trial_can_be_signed(deal: Deal) -> Iterator[Diagnostic]:
    """A certificate is signed by keys that the contract pins; naming them later makes it another contract."""
    trial = next((item for item in deal.clauses if item.clause.stage == "trial"), None)
    block = deal.symbols.contract
    if trial is not None and block is not None and deal.contract.keys is None:
        message = "nobody could sign what the trial decides: the contract pins no keys"
        help = 'add `keys: "keys.json"`; `sftspec keygen buyer --key private/buyer.pem --keys keys.json` draws them'
        why = (Label(trial.span, "decided by a trial"),)
        yield _warning("SFT4130", message, head(block), "no `keys`", help, why)


RULES: tuple[tuple[str, Callable[[Deal], Iterator[Diagnostic]]], ...] = (
    ("capability_gain", trial_asks_for_a_gain),
    ("regression_guard", trial_guards_against_loss),
    ("safety_guard", trial_guards_safety),
    ("provenance", origins_have_their_clauses),
    ("copies", copies_are_excluded),
    ("loss_mask", mask_is_checked),
    ("leaks", gains_exclude_leaks),
    ("public_sets", public_sets_are_known),
    ("declared_consequences", consequences_are_checked),
    ("declared_prices", prices_are_checked),
    ("unpriced_records", rows_have_prices),
    ("open_hold", holds_end),
    ("undecided_clauses", clauses_can_be_decided),
    ("signing_keys", trial_can_be_signed),
)
"""Each rule with the name by which its warning is waived."""


def _gains(deal: Deal) -> Iterator[tuple[str, Decimal]]:
    """Suites with the margin that a required clause asks for."""
    for clause, call in deal.required("gain"):
        expr = clause.expr
        if not isinstance(expr, Op) or expr.name not in (">=", ">") or expr.args[0] != call:
            continue
        margin = expr.args[1]
        if isinstance(margin, Const):
            yield call.word("suite"), Decimal(str(margin.value))


def _input_text(deal: Deal) -> str:
    """A text field to show in a suggestion."""
    shape = f"{deal.contract.record}.input"
    fields = next((item.fields for item in deal.contract.shapes if item.name == shape), ())
    name = next((field.name for field in fields if field.type.kind == "scalar" and field.type.name == "Text"), "text")
    return f"input.{name}"


def _only_declared(expr: Expr) -> bool:
    """Whether nothing in the expression is anything but the vendor's word."""
    words = set(claimed(expr))
    return basis(expr) == "declared" and not _looked_at(expr) and words.issuperset(_paths(expr))


def _has_evidence(expr: Expr) -> bool:
    """Whether an execution or a review has a say."""
    return any(evidence_of(call.measure) in ("executions", "reviews", "scores") for call in calls(expr))


def _looked_at(expr: Expr) -> bool:
    """Whether evidence or a measure of the content has a say."""
    return _has_evidence(expr) or any(call.measure in CONTENT or is_plugin(call.measure) for call in calls(expr))


CONTENT = STRUCTURAL - {"present", "size", "names"}


def _paths(expr: Expr) -> Iterator[Path]:
    """All fields of rows in an expression."""
    if isinstance(expr, Path) and expr.root == "row":
        yield expr
    inner: tuple[Expr | Argument, ...] = expr.args if isinstance(expr, Call) else children(expr)
    for part in inner:
        yield from _paths(part.value if isinstance(part, Argument) else part)
