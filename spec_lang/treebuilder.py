"""Lark's tree to ours. Judges nothing; the passes behind it do."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from lark import Token, Tree

from spec_lang import syntax as s
from spec_lang.source import Source, Span
from spec_lang.types import SINGULAR, plain

_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


def build(tree: Any, source: Source) -> Any:
    """The syntax node for the parse tree of one declaration."""
    return _Builder(source).node(tree)


class _Builder:
    def __init__(self, source: Source) -> None:
        self.source = source

    # --- plumbing

    def node(self, tree: Any) -> Any:
        if isinstance(tree, Token):
            return self.word(tree)
        method: Callable[[Tree[Token], Span], Any] = getattr(self, f"_{tree.data}")
        return method(tree, self.span(tree))

    def span(self, tree: Any) -> Span:
        if isinstance(tree, Token):
            return Span(self.source, tree.start_pos or 0, tree.end_pos or 0)
        if tree.meta.empty:
            return Span(self.source, 0, 0)
        return Span(self.source, tree.meta.start_pos, tree.meta.end_pos or tree.meta.start_pos)

    def word(self, token: Token) -> s.Word:
        return s.Word(self.span(token), str(token))

    def text(self, token: Token) -> s.Text:
        body = str(token)
        if body.startswith("r"):
            return s.Text(self.span(token), body[2:-1], raw=True)
        return s.Text(self.span(token), _unescape(body[1:-1]))

    def tokens(self, tree: Tree[Token], *kinds: str) -> list[Token]:
        return [child for child in tree.children if isinstance(child, Token) and child.type in kinds]

    def token(self, tree: Tree[Token], *kinds: str) -> Token | None:
        found = self.tokens(tree, *kinds)
        return found[0] if found else None

    def doc(self, tree: Tree[Token]) -> s.Text | None:
        token = self.token(tree, "STRING")
        return self.text(token) if token is not None else None

    def trees(self, tree: Tree[Token], *names: str) -> list[Tree[Token]]:
        return [child for child in tree.children if isinstance(child, Tree) and child.data in names]

    def only(self, tree: Tree[Token], name: str) -> Any:
        found = self.trees(tree, name)
        return self.node(found[0]) if found else None

    # --- files and blocks

    def _version(self, tree: Tree[Token], span: Span) -> s.Version:
        return s.Version(span, str(tree.children[1]))

    def _contract(self, tree: Tree[Token], span: Span) -> s.Contract:
        return s.Contract(span, self._name(tree), self.doc(tree), self._settings(tree))

    def _name(self, tree: Tree[Token], position: int = 0) -> s.Word:
        return self.word(self.tokens(tree, "NAME")[position])

    def _settings(self, tree: Tree[Token]) -> tuple[s.Setting, ...]:
        return tuple(self.node(child) for child in self.trees(tree, "setting"))

    def _items(self, tree: Tree[Token]) -> tuple[Any, ...]:
        return tuple(self.node(child) for child in self.trees(tree, "field", "group", "clause"))

    def _use(self, tree: Tree[Token], span: Span) -> s.Use:
        text = self.token(tree, "STRING")
        alias = self.token(tree, "NAME")
        target = self.text(text) if text is not None else self.only(tree, "path")
        return s.Use(span, target, self.word(alias) if alias is not None else None)

    def _enum(self, tree: Tree[Token], span: Span) -> s.Enum:
        members = tuple(self.node(child) for child in self.trees(tree, "member"))
        return s.Enum(span, self._name(tree), self.doc(tree), members)

    def _member(self, tree: Tree[Token], span: Span) -> s.Member:
        return s.Member(span, self._name(tree), self.doc(tree))

    def _type(self, tree: Tree[Token], span: Span) -> s.TypeDecl:
        return s.TypeDecl(span, self._name(tree), self.doc(tree), self._items(tree))

    def _table(self, tree: Tree[Token], span: Span) -> s.Table:
        texts = self.tokens(tree, "STRING")
        doc = self.text(texts[1]) if len(texts) > 1 else None
        return s.Table(span, self._name(tree), self.text(texts[0]), self._key(tree), doc, self._items(tree))

    def _record(self, tree: Tree[Token], span: Span) -> s.Record:
        return s.Record(span, self._name(tree), self._key(tree), self.doc(tree), self._items(tree))

    def _key(self, tree: Tree[Token]) -> s.Word | None:
        names = self.tokens(tree, "NAME")
        return self.word(names[1]) if self.token(tree, "KEY") is not None and len(names) > 1 else None

    def _group(self, tree: Tree[Token], span: Span) -> s.Group:
        return s.Group(span, self._name(tree), self.doc(tree), self._items(tree))

    # --- fields and types

    def _field(self, tree: Tree[Token], span: Span) -> s.Field:
        label = self.token(tree, "LABEL")
        assert label is not None
        types = [child for child in tree.children if isinstance(child, Tree) and child.data in _TYPES]
        matching, default = self.only(tree, "matching"), self.only(tree, "default")
        return s.Field(
            span, self.word(label), self.node(types[0]), self.only(tree, "bounds"), matching, default, self.doc(tree)
        )

    def _type_expr(self, tree: Tree[Token], span: Span) -> s.OptionalType:
        return s.OptionalType(span, self.node(tree.children[0]))

    def _alternatives(self, tree: Tree[Token], span: Span) -> s.NamedType | s.Alternatives:
        words = [self.node(child) for child in self.trees(tree, "path")]
        return s.NamedType(span, words[0]) if len(words) == 1 else s.Alternatives(span, tuple(words))

    def _ref(self, tree: Tree[Token], span: Span) -> s.RefType:
        return s.RefType(span, self.only(tree, "path"))

    def _list(self, tree: Tree[Token], span: Span) -> s.ListType:
        inner = [child for child in tree.children if isinstance(child, Tree) and child.data != "bounds"]
        return s.ListType(span, self.node(inner[0]), self.only(tree, "bounds"))

    def _bounds(self, tree: Tree[Token], span: Span) -> s.Bounds:
        scalars = [self.node(child) for child in self.trees(tree, "scalar")]
        first = tree.children[0]
        low = scalars[0] if isinstance(first, Tree) and scalars else None
        high = scalars[-1] if len(scalars) == 2 or low is None else None
        return s.Bounds(span, low, high)

    def _matching(self, tree: Tree[Token], span: Span) -> s.Text:
        return self.text(self.tokens(tree, "STRING", "RAW")[0])

    def _default(self, tree: Tree[Token], span: Span) -> Any:
        child = tree.children[-1]
        if isinstance(child, Tree):
            return self.node(child)
        if child.type == "STRING":
            return self.text(child)
        return s.Truth(span, str(child) == "true") if child.type in ("TRUE", "FALSE") else self.word(child)

    def _scalar(self, tree: Tree[Token], span: Span) -> s.Number | s.Date:
        token = tree.children[-1]
        assert isinstance(token, Token)
        if token.type == "DATE":
            return s.Date(span, str(token))
        return _number(str(token), span, negative=len(tree.children) > 1)

    # --- clauses

    def _terms(self, tree: Tree[Token], span: Span) -> s.Terms:
        names = [self.word(token) for token in self.tokens(tree, "NAME")]
        using = names[1] if len(names) > 1 else None
        return s.Terms(
            span,
            names[0],
            self.only(tree, "path"),
            using,
            tuple(self.node(child) for child in self.trees(tree, "clause")),
        )

    def _clause(self, tree: Tree[Token], span: Span) -> s.Clause:
        role, name = tree.children[0], tree.children[1]
        assert isinstance(role, Token) and isinstance(name, Token)
        tails = ("statistic", "scope", "consequence")
        exprs = [child for child in tree.children[2:] if (isinstance(child, Tree) and child.data not in tails)]
        return s.Clause(
            span,
            str(role),
            self.word(name),
            self.doc(tree),
            self._expr(exprs[0]),
            self.only(tree, "statistic"),
            self.only(tree, "scope"),
            self.only(tree, "consequence"),
        )

    def _statistic(self, tree: Tree[Token], span: Span) -> s.StatisticTail:
        token = self.token(tree, "QUANTITY")
        assert token is not None
        confidence = _number(str(token), self.span(token))
        accepting = self.only(tree, "accepting") or (None, None)
        return s.StatisticTail(span, confidence, self.only(tree, "expecting"), *accepting)

    def _expecting(self, tree: Tree[Token], span: Span) -> Any:
        return self.only(tree, "scalar")

    def _accepting(self, tree: Tree[Token], span: Span) -> tuple[Any, Any]:
        at = self.token(tree, "QUANTITY")
        assert at is not None
        return self.only(tree, "scalar"), _number(str(at), self.span(at))

    def _scope(self, tree: Tree[Token], span: Span) -> s.Word:
        return self._name(tree)

    def _consequence(self, tree: Tree[Token], span: Span) -> tuple[s.Word, s.Word]:
        return self._name(tree), self._name(tree, 1)

    # --- mixtures

    def _mixture(self, tree: Tree[Token], span: Span) -> s.Mixture:
        children = tree.children
        names: dict[str, s.Word] = {}
        role = "name"
        for child in children:
            if isinstance(child, Token) and child.type in ("ON", "BY", "OF"):
                role = child.type
            elif isinstance(child, Token) and child.type == "NAME":
                names[role] = self.word(child)
        lines = tuple(self.node(child) for child in self.trees(tree, "mixture_line"))
        return s.Mixture(span, names.get("name"), self.only(tree, "path"), names["BY"], names.get("OF"), lines)

    def _mixture_line(self, tree: Tree[Token], span: Span) -> s.MixtureLine:
        dimensions = tuple(self.node(child) for child in self.trees(tree, "dimension"))
        return s.MixtureLine(span, dimensions, tuple(self.node(child) for child in self.trees(tree, "entry")))

    def _dimension(self, tree: Tree[Token], span: Span) -> s.Word:
        return self.node(tree.children[0])  # type: ignore[no-any-return]

    def _entry(self, tree: Tree[Token], span: Span) -> s.Entry:
        member = tree.children[0]
        assert isinstance(member, Token)
        read = self.text(member) if member.type == "STRING" else self.word(member)
        return s.Entry(span, read, self.node(tree.children[1]))

    def _exactly(self, tree: Tree[Token], span: Span) -> s.Amount:
        return s.Amount(span, "exactly", self.only(tree, "scalar"), None)

    def _around(self, tree: Tree[Token], span: Span) -> s.Amount:
        first, second = (self.node(child) for child in self.trees(tree, "scalar"))
        return s.Amount(span, "around", first, second)

    def _between(self, tree: Tree[Token], span: Span) -> s.Amount:
        first, second = (self.node(child) for child in self.trees(tree, "scalar"))
        return s.Amount(span, "between", first, second)

    def _limit(self, tree: Tree[Token], span: Span) -> s.Amount:
        return s.Amount(span, str(tree.children[0]), self.only(tree, "scalar"), None)

    def _rest(self, tree: Tree[Token], span: Span) -> s.Amount:
        return s.Amount(span, str(tree.children[0]), None, None)

    # --- trial and money

    def _reference(self, tree: Tree[Token], span: Span) -> s.Reference:
        names, within = self.tokens(tree, "NAME"), self.token(tree, "QUANTITY")
        file = self.doc(tree)
        assert file is not None
        return s.Reference(
            span,
            self.word(names[0]),
            file,
            self.word(names[1]) if len(names) > 1 else None,
            _number(str(within), self.span(within)) if within is not None else None,
        )

    def _recipe(self, tree: Tree[Token], span: Span) -> s.Recipe:
        return s.Recipe(span, self._name(tree), self.only(tree, "path"), self._settings(tree))

    def _heldout(self, tree: Tree[Token], span: Span) -> s.HeldOut:
        return s.HeldOut(span, self._name(tree), self.only(tree, "path"), self.doc(tree), self._settings(tree))

    def _payment(self, tree: Tree[Token], span: Span) -> s.Payment:
        return s.Payment(span, self._name(tree), self._settings(tree))

    def _setting(self, tree: Tree[Token], span: Span) -> s.Setting:
        label = tree.children[0]
        assert isinstance(label, Token)
        return s.Setting(span, self.word(label), tuple(self._expr(child) for child in tree.children[1:]))

    def _rate(self, tree: Tree[Token], span: Span) -> s.Rate:
        exprs = [child for child in tree.children if isinstance(child, Tree)]
        where = self._expr(exprs[1]) if len(exprs) > 1 else None
        return s.Rate(span, self._expr(exprs[0]), self._name(tree), where)

    def _until(self, tree: Tree[Token], span: Span) -> s.Until:
        exprs = [child for child in tree.children if isinstance(child, Tree)]
        return s.Until(span, self._expr(exprs[0]), self._name(tree), self.node(exprs[-1]))

    # --- expressions

    def _binary(self, tree: Tree[Token], span: Span) -> s.Binary:
        left, op, right = tree.children
        return s.Binary(span, str(op), self._expr(left), self._expr(right), self.span(op))

    _implies = _binary

    def _negate(self, tree: Tree[Token], span: Span) -> s.Unary:
        return s.Unary(span, "not", self._expr(tree.children[-1]))

    def _minus(self, tree: Tree[Token], span: Span) -> Any:
        inner = self._expr(tree.children[-1])
        if isinstance(inner, s.Number):
            return s.Number(span, plain(-Decimal(inner.text)), inner.unit, format(-Decimal(inner.shown), "f"))
        return s.Unary(span, "-", inner)

    def _quantified(self, tree: Tree[Token], span: Span) -> s.Quantified:
        which, variable, _, over, _, body = tree.children
        assert isinstance(variable, Token)
        return s.Quantified(span, str(which), self.word(variable), self._expr(over), self._expr(body))

    def _membership(self, tree: Tree[Token], span: Span) -> s.Membership:
        operands = [child for child in tree.children if not isinstance(child, Token)]
        by = self.node(operands[2]) if self.token(tree, "BY") is not None else None
        return s.Membership(span, self._expr(operands[0]), self._expr(operands[1]), by)

    def _expr(self, tree: Any) -> Any:
        built = self.node(tree)
        return s.Path(built.span, built) if isinstance(built, s.Word) else built

    def _interval(self, tree: Tree[Token], span: Span) -> s.Interval:
        ends = [self._expr(child) for child in tree.children]
        return s.Interval(span, ends[0], ends[1] if len(ends) > 1 else None)

    def _number(self, tree: Tree[Token], span: Span) -> s.Number:
        return _number(str(tree.children[0]), span)

    _quantity = _number

    def _date(self, tree: Tree[Token], span: Span) -> s.Date:
        return s.Date(span, str(tree.children[0]))

    def _text(self, tree: Tree[Token], span: Span) -> s.Text:
        token = tree.children[0]
        assert isinstance(token, Token)
        return self.text(token)

    def _truth(self, tree: Tree[Token], span: Span) -> s.Truth:
        return s.Truth(span, str(tree.children[0]) == "true")

    def _set(self, tree: Tree[Token], span: Span) -> s.Set:
        return s.Set(span, tuple(self._expr(child) for child in tree.children))

    def _parens(self, tree: Tree[Token], span: Span) -> s.Parens:
        return s.Parens(span, self._expr(tree.children[0]))

    def _call(self, tree: Tree[Token], span: Span) -> s.Call:
        args = tuple(self.node(child) for child in self.trees(tree, "argument"))
        return s.Call(span, self.only(tree, "path"), args)

    def _argument(self, tree: Tree[Token], span: Span) -> s.Argument:
        label = self.token(tree, "LABEL")
        return s.Argument(span, self.word(label) if label is not None else None, self._expr(tree.children[-1]))

    def _path(self, tree: Tree[Token], span: Span) -> s.Word:
        return s.Word(span, "".join(str(child) for child in tree.children))

    # --- signatures

    def _measure(self, tree: Tree[Token], span: Span) -> s.Measure:
        names = self.tokens(tree, "NAME")
        kind = "row" if self.token(tree, "ROW") is not None else "aggregate"
        doc = self.doc(tree)
        assert doc is not None
        source = str(names[1]) if self.token(tree, "FROM") is not None else None
        return s.Measure(
            span,
            self.word(names[0]),
            tuple(self.node(child) for child in self.trees(tree, "parameter")),
            kind,
            self.only(tree, "sort"),
            source,
            doc,
        )

    def _parameter(self, tree: Tree[Token], span: Span) -> s.Parameter:
        name = tree.children[0]
        assert isinstance(name, Token)
        last = tree.children[-1]
        default = str(last) if isinstance(last, Token) and len(tree.children) > 2 and last.type != "ROW" else None
        variadic = self.token(tree, "ELLIPSIS") is not None
        row = self.token(tree, "ROW") is not None
        return s.Parameter(span, self.word(name), variadic, row, self.only(tree, "sort"), default)

    def _sort(self, tree: Tree[Token], span: Span) -> tuple[str, ...]:
        return tuple(str(child.children[0]) if child.children else "%" for child in self.trees(tree, "sort_word"))


_TYPES = frozenset(("type_expr", "alternatives", "ref", "list"))


def _number(text: str, span: Span, negative: bool = False) -> s.Number:
    digits = text
    unit = ""
    for position, char in enumerate(text):
        if char == "%" or (char.isalpha() and not _exponent(text, position)):
            digits, unit = text[:position].strip(), text[position:].strip()
            break
    value = Decimal(digits.replace("_", ""))
    value = -value if negative else value
    return s.Number(span, plain(value), SINGULAR.get(unit, unit), format(value, "f"))


def _exponent(text: str, position: int) -> bool:
    following = text[position + 1 : position + 2]
    return (
        text[position] in "eE"
        and text[:position].strip() == text[:position]
        and (following.isdigit() or following in "+-")
    )


def _unescape(body: str) -> str:
    out, position = [], 0
    while position < len(body):
        char = body[position]
        if char == "\\" and position + 1 < len(body):
            position += 1
            out.append(_ESCAPES.get(body[position], "\\" + body[position]))
        else:
            out.append(char)
        position += 1
    return "".join(out)
