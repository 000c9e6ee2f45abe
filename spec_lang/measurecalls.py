"""Calls of measures: each argument to what its parameter wants, and the type of the result."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, cast

from spec_lang import syntax as s
from spec_lang.agreement import fits
from spec_lang.arguments import Bound, bind, usage
from spec_lang.basis import calls
from spec_lang.contract import Argument, Call, Const, Quantified
from spec_lang.diagnostics import closest, listing
from spec_lang.dialogues import spelled, unread
from spec_lang.limits import readable
from spec_lang.operators import count_instead, unit_missing
from spec_lang.quantifiers import entries, goes_through
from spec_lang.scope import Scope
from spec_lang.signatures import Parameter, Signature, is_plugin, is_whole, signatures
from spec_lang.slicing import names_parts
from spec_lang.source import Span
from spec_lang.typed import Typed
from spec_lang.types import (
    BOOL,
    INT,
    NUMBER,
    TEXT,
    UNITS,
    ListOf,
    Named,
    Quantity,
    Ref,
    Scalar,
    SetOf,
    Type,
    bare,
    describe,
    plain,
)

NAMED = {"recipe": "the recipe", "heldout": "the held-out set", "reference": "the reference"}
LIKELIHOODS = "likelihoods"
"""The evidence of measures that ask a model how likely texts are."""
ANCESTRY = ("lineage_depth", "ancestry_known")
ENTRYWISE = (
    "total", "mean", "minimum", "maximum", "p50", "p90", "p95", "p99", "count", "share", "distinct", "largest_share",
)  # fmt: skip
"""The aggregates that also go through the entries of one row's list."""
COPIES = ("duplicate", "near_duplicate")
REPEATED = (
    "it compares rows by the fields it is given; that no entry of a list repeats another, say by "
    "`distinct(x for each x in list) == size(list)`"
)
WRITTEN = ("Text", "Pattern", "Number", "Set")
"""Sorts of which the value itself is written."""
WANTED = {
    "Bool": "a statement, true or false",
    "T": "a number",
    "Text": "a text",
    "Pattern": "a regular expression",
    "Number": "a plain number",
    "Texts": "a list of texts",
    "Option": "a place in the list, counted from 0, or a text of it",
    "Numeral": "a number, or a text that ends on one",
    "Wording": "a text, or a word of an enum",
    "Set": "a set",
    "List": "a list",
    "Enum": "an enum",
    "Date": "a date",
    "File": "a file",
}


def call(scope: Scope, expr: s.Call) -> Typed | None:
    """A measure with its arguments. Every argument is judged, also behind a wrong one."""
    signature = scope.symbols.signature(expr.name.text)
    if signature is None:
        _no_measure(scope, expr)
        return None
    if is_whole(signature.name) and not _may_be_whole(scope, expr):
        return None
    scope.report.means(expr.name.span, "measure", signature.name)
    if signature.source == LIKELIHOODS and not scope.answer:
        help = "write it as the `score:` of a held-out set, whose items a model is asked"
        message = f"`{signature.name}` asks a model, and no model looks at delivered rows"
        scope.report.error("SFT3040", message, expr.name.span, help=help)
        return None
    each = next((item.value for item in expr.args if goes_through(item.value)), None)
    if each is not None and not _may_go_through(scope, signature, each.span):
        return None
    bound, whole = bind(signature, expr, scope.report)
    if each is not None:
        return _over_entries(scope, signature, bound, expr.span) if whole else None
    typed = [(parameter, _argument(scope, signature, parameter, written, expr)) for parameter, written in bound]
    present = [(parameter, item) for parameter, item in typed if item is not None]
    if len(present) < len(typed) or not whole:
        return None
    read = [item for parameter, item in present if parameter.row or parameter.sort == ("field",)]
    table = scope.one_table(read, expr.span)
    if table is None:
        return None
    type_ = _result(signature, read)
    arguments = tuple(Argument(name=parameter.name, value=item.ir) for parameter, item in present)
    if signature.plugin:
        arguments += (Argument(name="plugin", value=Const(value=signature.plugin, type=Named(what="word"))),)
    ir = Call(measure=signature.name, kind=signature.kind, args=arguments, type=type_)
    if not names_parts(scope, ir, {parameter.name: item.span for parameter, item in present}):
        return None
    evidence = signature.source if signature.kind == "aggregate" else ""
    return Typed(ir, type_, signature.kind, expr.span, evidence or table or scope.table)


def _may_go_through(scope: Scope, signature: Signature, span: Span) -> bool:
    """Whether a measure goes through the entries of a list; reported."""
    if signature.name in ENTRYWISE:
        return True
    help = REPEATED if signature.name in COPIES else f"these do: {listing(ENTRYWISE)}"
    message = f"`{signature.name}` does not go through the entries of a list"
    scope.report.error("SFT3004", message, span, help=help)
    return False


def _over_entries(scope: Scope, signature: Signature, bound: Bound, span: Span) -> Typed | None:
    """`total(line.amount for each line in target.lines)`: an aggregate of the entries of one row's list."""
    (parameter, each), *others = bound
    if not isinstance(each, s.Quantified) or any(not isinstance(value, str) for _, value in others):
        help = f"write `{signature.name}(... for each x in list)`"
        scope.report.error("SFT3005", "the entries are those of one row", span, help=help)
        return None
    parts = entries(scope, each)
    body = _fitting(scope, signature, parameter, parts[1]) if parts is not None else None
    if parts is None or body is None:
        return None
    over, type_ = parts[0], INT if signature.name == "count" else _result(signature, [body])
    name, variable = parameter.name, each.variable.text
    values = Quantified(which="each", variable=variable, over=over.ir, body=body.ir, type=ListOf(item=body.type))
    ir = Call(measure=signature.name, kind="row", args=(Argument(name=name, value=values),), type=type_)
    return Typed(ir, type_, "row", span, over.table or scope.table)


def _may_be_whole(scope: Scope, expr: s.Call) -> bool:
    """Whether a measure that looks at whole rows may stand here; reported."""
    name = expr.name.text
    if scope.answer and is_plugin(name):
        help = "score with `exact_match`, `same_json`, `same_number`, `choice`, `declines` or `fixes`"
        scope.report.error("SFT2007", "a plug-in cannot score an answer", expr.name.span, help=help)
    elif scope.variables:
        help = REPEATED if name in COPIES else "give it the list itself, outside of `all`, `any` and `for each`"
        message = f"`{name}` looks at whole rows, not at the entries of a list"
        scope.report.error("SFT3004", message, expr.name.span, "this is asked of each entry", help=help)
    return not ((scope.answer and is_plugin(name)) or scope.variables)


def _no_measure(scope: Scope, expr: s.Call) -> None:
    every = signatures() | scope.symbols.measures
    names = list(every)
    meant = closest(expr.name.text, names)
    help = f"write `{usage(every[meant])}`" if meant else "`sftspec explain measures` lists what can be measured"
    message = f"there is no measure `{expr.name.text}`"
    scope.report.error("SFT2006", message, expr.name.span, help=help, known=names)


def _argument(
    scope: Scope, signature: Signature, parameter: Parameter, written: s.Expr | str, whole: s.Call
) -> Typed | None:
    if isinstance(written, str):
        if parameter.row:
            return scope.const(written == "true", BOOL, whole.span)
        return scope.const(written, Named(what="word"), whole.span)
    sort = parameter.sort[0]
    if parameter.row:
        return _row_argument(scope, signature, parameter, written)
    if sort in NAMED:
        return _named(scope, sort, written)
    if sort == "field":
        return scope.expression(written)
    if sort in UNITS or sort in WRITTEN:
        return _literal(scope, parameter, written)
    return _word(scope, parameter, written)


def _row_argument(scope: Scope, signature: Signature, parameter: Parameter, written: s.Expr) -> Typed | None:
    typed = scope.expression(written)
    return _fitting(scope, signature, parameter, typed) if typed is not None else None


def _fitting(scope: Scope, signature: Signature, parameter: Parameter, typed: Typed) -> Typed | None:
    """The argument, if it is one that the row parameter takes."""
    if typed.kind == "aggregate":
        help = f"`{signature.name}` looks at one row at a time; give it a field or a statement about a row"
        message = "an aggregate stands where a row is looked at"
        scope.report.error("SFT3004", message, typed.span, "this speaks of all rows", help=help)
        return None
    inner = next((one.measure for one in calls(typed.ir) if is_whole(one.measure)), "")
    if inner and signature.kind == "row":
        help = f"join the two by `and` or `or`: `{inner}` answers for the row"
        message = f"`{signature.name}` looks at values of the row, and `{inner}` is none"
        scope.report.error("SFT3004", message, typed.span, help=help)
        return None
    if signature.plugin and typed.kind == "constant":
        help = "name a field; what is written in the call is no value of a row"
        scope.report.error("SFT3007", f"`{signature.name}` needs a value of the row", typed.span, help=help)
        return None
    sort = parameter.sort[0]
    if not fits(sort, bare(typed.type)) or (sort == "Bool" and typed.type != BOOL):
        wanted = WANTED.get(sort, sort)
        help = f"compare it with something: `{typed.span.text} == ...`" if sort == "Bool" else ""
        help = count_instead(bare(typed.type)) if sort == "T" else help
        message = f"`{signature.name}` needs {wanted}; this is {describe(typed.type)}"
        scope.report.error("SFT3007", message, typed.span, help=help or f"write `{usage(signature)}`")
        return None
    if signature.name in ANCESTRY and not _own_key(bare(typed.type), scope.table):
        message = f"`{signature.name}` follows references to {scope.table} itself; this is {describe(typed.type)}"
        help = f"name the field that holds the record's parents: `parents: [ref {scope.table}]`"
        scope.report.error("SFT3007", message, typed.span, help=help)
        return None
    lacking = unread(signature.name, parameter.name, bare(typed.type), scope.symbols.shapes)
    if lacking is not None:
        message = f"`{signature.name}` cannot read the entries of {describe(typed.type)}"
        help = f"an entry is read by these fields: {spelled(lacking)}"
        scope.report.error("SFT3031", message, typed.span, "nothing would be judged", help=help)
        return None
    return typed


def _own_key(type_: Type, table: str) -> bool:
    """Whether a value can name rows of the table itself: references to it, or texts, which may be its keys."""
    inner = bare(type_.item) if isinstance(type_, ListOf) else type_
    return inner.table == table if isinstance(inner, Ref) else isinstance(inner, Scalar)


def _named(scope: Scope, sort: str, written: s.Expr) -> Typed | None:
    symbols = scope.symbols
    known = {"recipe": [*symbols.recipes], "heldout": [*symbols.heldouts], "reference": [*symbols.references]}
    names = known[sort]
    if isinstance(written, s.Path) and (
        written.word.text in names or (sort == "reference" and written.word.text == "base")
    ):
        if written.word.text in names:
            scope.report.means(written.span, "declaration", written.word.text)
        return scope.const(written.word.text, Named(what=cast("Literal['recipe']", sort)), written.span)
    word = written.word.text if isinstance(written, s.Path) else written.span.text
    scope.report.unknown("SFT2001", NAMED[sort], word, written.span, names)
    return None


def _literal(scope: Scope, parameter: Parameter, written: s.Expr) -> Typed | None:
    sort = parameter.sort[0]
    typed = scope.expression(written)
    if typed is None:
        return None
    if sort in UNITS and typed.type == NUMBER and typed.kind == "constant":
        unit_missing(scope, typed, sort)
        return None
    good = {"Text": typed.type == TEXT, "Pattern": typed.type == TEXT, "Number": typed.type == NUMBER}
    good["Set"] = isinstance(typed.type, SetOf)
    if typed.kind != "constant" or not good.get(sort, typed.type == Quantity(unit=sort)):
        wanted = describe(Quantity(unit=sort)) if sort in UNITS else WANTED[sort]
        got = describe(typed.type) if typed.kind == "constant" else "not a written value"
        message = f"`{parameter.name}` is {wanted}"
        help = "write the value itself"
        if sort == "Number" and typed.type == Quantity(unit="%") and isinstance(typed.ir, Const):
            help = f"write `{plain(Decimal(str(typed.ir.value)) / 100)}`"
        scope.report.error("SFT3007", message, typed.span, f"this is {got}", help=help)
        return None
    if isinstance(written, s.Text) and sort == "Pattern" and not readable(written.text, written.span, scope.report):
        return None
    return typed


def _word(scope: Scope, parameter: Parameter, written: s.Expr) -> Typed | None:
    if isinstance(written, s.Path) and written.word.text in parameter.sort:
        return scope.const(written.word.text, Named(what="word"), written.span)
    word = written.word.text if isinstance(written, s.Path) else written.span.text
    help = f"it is one of {listing(parameter.sort)}" if len(parameter.sort) > 1 else f"write `{parameter.sort[0]}`"
    message = f"`{parameter.name}` cannot be `{word}`"
    scope.report.error("SFT2007", message, written.span, help=help, known=parameter.sort)
    return None


def _result(signature: Signature, read: list[Typed]) -> Type:
    sort = signature.sort
    if sort == "T":
        return bare(read[0].type)
    if sort in UNITS:
        return Quantity(unit=sort)
    if sort == "Texts":
        return ListOf(item=TEXT)
    if sort == "Table":
        return Scalar(name="Json")
    return Scalar(name=cast("Literal['Int']", sort))
