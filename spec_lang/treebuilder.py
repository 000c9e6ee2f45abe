"""Lark's tree to ours. Judges nothing; the passes behind it do."""

from __future__ import annotations

from typing import Any

from lark import Token, Tree

from spec_lang import syntax as s
from spec_lang.expressionbuilder import ExpressionBuilder, number
from spec_lang.source import Source, Span


def build(tree: Any, source: Source) -> Any:
    """The syntax node for the parse tree of one declaration."""
    return _Builder(source).node(tree)


class _Builder(ExpressionBuilder):
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
        return tuple(self.node(child) for child in self.trees(tree, "field", "group", "clause", "let"))

    def _amends(self, tree: Tree[Token], span: Span) -> s.Amends:
        return s.Amends(span, self.text(self.tokens(tree, "STRING")[0]))

    def _waive(self, tree: Tree[Token], span: Span) -> s.Waive:
        paths = [self.node(path) for path in self.trees(tree, "path")]
        whole = Span(self.source, paths[0].span.start, paths[-1].span.end)
        name = s.Word(whole, "*".join(path.text for path in paths))
        return s.Waive(span, name, self.text(self.tokens(tree, "STRING")[0]))

    def _use(self, tree: Tree[Token], span: Span) -> s.Use:
        text = self.token(tree, "STRING")
        alias = self.token(tree, "NAME")
        target = self.text(text) if text is not None else self.only(tree, "path")
        return s.Use(span, target, self.word(alias) if alias is not None else None)

    def _plugin(self, tree: Tree[Token], span: Span) -> s.Use:
        words = tuple(self.word(name) for name in self.tokens(tree, "NAME"))
        target, version, digest = (self.text(text) for text in self.tokens(tree, "STRING"))
        return s.Use(span, target, None, s.Pin(span, words, version, digest))

    def _enum(self, tree: Tree[Token], span: Span) -> s.Enum:
        return s.Enum(span, self._name(tree), self.doc(tree), self._members(tree))

    def _member(self, tree: Tree[Token], span: Span) -> s.Member:
        return s.Member(span, self._name(tree), self.doc(tree), self._members(tree))

    def _members(self, tree: Tree[Token]) -> tuple[s.Member, ...]:
        return tuple(self.node(child) for child in self.trees(tree, "member"))

    def _type(self, tree: Tree[Token], span: Span) -> s.TypeDecl:
        tag = self._name(tree, 1) if self.token(tree, "BY") is not None else None
        return s.TypeDecl(span, self._name(tree), tag, self.doc(tree), self._items(tree))

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
        return s.Group(span, self._name(tree), self.doc(tree), self._items(tree), self.only(tree, "untrained"))

    # --- fields and types

    def _field(self, tree: Tree[Token], span: Span) -> s.Field:
        label = self.token(tree, "LABEL")
        assert label is not None
        types = [child for child in tree.children if isinstance(child, Tree) and child.data in _TYPES]
        bounds, matching, default, untrained = (
            self.only(tree, name) for name in ("bounds", "matching", "default", "untrained")
        )
        return s.Field(
            span, self.word(label), self.node(types[0]), bounds, matching, default, self.doc(tree), untrained
        )

    def _untrained(self, tree: Tree[Token], span: Span) -> s.Untrained:
        where = self.token(tree, "WHERE")
        return s.Untrained(span, self._expr(tree.children[-1]) if where is not None else None)

    def _type_expr(self, tree: Tree[Token], span: Span) -> s.OptionalType:
        return s.OptionalType(span, self.node(tree.children[0]))

    def _alternatives(self, tree: Tree[Token], span: Span) -> s.NamedType | s.Alternatives:
        words = [self.node(child) for child in self.trees(tree, "path")]
        return s.NamedType(span, words[0]) if len(words) == 1 else s.Alternatives(span, tuple(words))

    def _parametrised(self, tree: Tree[Token], span: Span) -> s.Parametrised:
        name, *values = tree.children
        read = (self.text(v) if isinstance(v, Token) and v.type == "STRING" else self.node(v) for v in values)
        return s.Parametrised(span, self.node(name), tuple(read))

    def _ref(self, tree: Tree[Token], span: Span) -> s.RefType:
        return s.RefType(span, self.only(tree, "path"))

    def _list(self, tree: Tree[Token], span: Span) -> s.ListType:
        entry = self.trees(tree, "entry_type")[0]
        bounds, matching = self.only(entry, "bounds"), self.only(entry, "matching")
        return s.ListType(span, self.node(entry.children[0]), self.only(tree, "bounds"), bounds, matching)

    def _bounds(self, tree: Tree[Token], span: Span) -> s.Bounds:
        ends = [self.node(child) for child in self.trees(tree, "scalar")]
        if not ends:
            return s.Bounds(span, None, self.only(tree, "at_most"))
        return s.Bounds(span, ends[0], ends[1] if len(ends) > 1 else None)

    def _at_most(self, tree: Tree[Token], span: Span) -> Any:
        return self.only(tree, "scalar")

    def _matching(self, tree: Tree[Token], span: Span) -> s.Text:
        return self.text(self.tokens(tree, "STRING", "RAW")[0])

    def _default(self, tree: Tree[Token], span: Span) -> Any:
        child = tree.children[-1]
        if isinstance(child, Tree):
            return self.node(child)
        if child.type == "STRING":
            return self.text(child)
        return s.Truth(span, str(child) == "true") if child.type in ("TRUE", "FALSE") else self.word(child)

    # --- clauses

    def _terms(self, tree: Tree[Token], span: Span) -> s.Terms:
        names = [self.word(token) for token in self.tokens(tree, "NAME")]
        using = names[1] if len(names) > 1 else None
        return s.Terms(
            span,
            names[0],
            self.only(tree, "path"),
            using,
            tuple(self.node(child) for child in self.trees(tree, "clause", "let")),
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
            self._expr(exprs[0]) if exprs[0].data != "any_of" else self.node(exprs[0]),
            self.only(tree, "statistic"),
            self.only(tree, "scope"),
            self.only(tree, "consequence"),
        )

    def _let(self, tree: Tree[Token], span: Span) -> s.Let:
        name = tree.children[1]
        assert isinstance(name, Token)
        return s.Let(span, self.word(name), self.doc(tree), self._expr(tree.children[-1]))

    def _any_of(self, tree: Tree[Token], span: Span) -> s.AnyOf:
        return s.AnyOf(span, tuple(self.node(child) for child in self.trees(tree, "option")))

    def _option(self, tree: Tree[Token], span: Span) -> s.Option:
        return s.Option(span, self._expr(tree.children[0]), self.only(tree, "expecting"))

    def _statistic(self, tree: Tree[Token], span: Span) -> s.StatisticTail:
        token = self.token(tree, "QUANTITY")
        assert token is not None
        confidence = number(str(token), self.span(token))
        accepting = self.only(tree, "accepting") or (None, None)
        return s.StatisticTail(span, confidence, self.only(tree, "expecting"), *accepting)

    def _expecting(self, tree: Tree[Token], span: Span) -> Any:
        return self.only(tree, "scalar")

    def _accepting(self, tree: Tree[Token], span: Span) -> tuple[Any, Any]:
        at = self.token(tree, "QUANTITY")
        assert at is not None
        return self.only(tree, "scalar"), number(str(at), self.span(at))

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
        read = self.text(member) if isinstance(member, Token) and member.type == "STRING" else self.node(member)
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
            number(str(within), self.span(within)) if within is not None else None,
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
        latest = self.node(exprs[1]) if len(exprs) > 1 else None
        return s.Until(span, self._expr(exprs[0]), self._name(tree), latest)

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


_TYPES = frozenset(("type_expr", "alternatives", "parametrised", "ref", "list"))
