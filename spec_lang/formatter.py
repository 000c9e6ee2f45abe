"""Syntax tree to text: the one way to write a contract. Comments stay where they belong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from spec_lang import syntax as s
from spec_lang.phrases import bounds_text, end_text, expr, number, quote, type_text, value
from spec_lang.source import Source

WIDTH = 110


@dataclass(slots=True)
class Line:
    """One line of output, and where in the source its text began and ended."""

    indent: int
    text: str
    start: int
    end: int
    comment: str = ""
    gap: bool = False
    """A blank line stands before it."""

    def __str__(self) -> str:
        body = "  " * self.indent + self.text + (f"  {self.comment}" if self.comment else "")
        return ("\n" if self.gap else "") + body.rstrip()


def format_file(file: s.File) -> str:
    """The text of a file without mistakes. Formatting its result changes nothing."""
    lines = list(_file(file))
    source = file.span.source
    _spaced(lines, source)
    return "".join(f"{line}\n" for line in _with_comments(lines, file.comments, source))


def _file(file: s.File) -> Iterator[Line]:
    if file.version is not None:
        yield Line(0, f"sftspec {file.version.number}", file.version.span.start, file.version.span.end)
    before: s.Declaration | None = None
    for item in file.declarations:
        first, *more = declaration(item)
        first.gap = not (isinstance(item, s.Use | s.Waive | s.Measure) and isinstance(before, type(item)))
        yield from (first, *more)
        before = item


def _spaced(lines: list[Line], source: Source) -> None:
    """Inside blocks a blank line stays where the author left one."""
    for before, line in pairwise(lines):
        if line.indent and not line.text.startswith("}") and not before.text.endswith("{"):
            line.gap = line.gap or _blank_between(source, before.end, line.start)


def _blank_between(source: Source, start: int, end: int) -> bool:
    between = source.text[start:end].split("\n")[1:-1]
    return any(not line.strip() for line in between)


def _with_comments(lines: list[Line], comments: tuple[s.Comment, ...], source: Source) -> list[Line]:
    out = list(lines)
    for comment in comments:
        target = next((i for i, line in enumerate(out) if line.start > comment.start), len(out))
        before = out[target - 1] if target else None
        if not comment.own_line and before is not None and not before.comment and not before.text.startswith("#"):
            before.comment = comment.text
            continue
        following = out[target] if target < len(out) else None
        indent = following.indent if following is not None else 0
        if following is not None and following.text.startswith("}"):
            indent += 1
        made = Line(indent, comment.text, comment.start, comment.start + len(comment.text))
        made.gap = _gap_before(made, before, following, source)
        if following is not None and made.gap and not _blank_between(source, made.end, following.start):
            following.gap = False
        elif following is not None and not following.text.startswith("}"):
            following.gap = _blank_between(source, made.end, following.start)
        out.insert(target, made)
    return out


def _gap_before(made: Line, before: Line | None, following: Line | None, source: Source) -> bool:
    if before is None or before.text.endswith("{"):
        return False
    if before.text.startswith("#"):
        return _blank_between(source, before.end, made.start)
    return (following is not None and following.gap) or _blank_between(source, before.end, made.start)


# --- declarations


def declaration(item: s.Declaration) -> Iterator[Line]:
    """The lines of one declaration."""
    match item:
        case s.Contract():
            yield from _block(item, f"contract {item.name.text}{_doc(item.title)}", item.settings)
        case s.Amends():
            yield _line(0, f"amends {quote(item.file)}", item)
        case s.Waive():
            yield _line(0, f"waive {item.name.text} {quote(item.reason)}", item)
        case s.Use(pin=s.Pin() as pin):
            first, *more = pin.words
            texts = zip(more, (pin.version, pin.sha256), strict=True)
            pinned = "".join(f" {word.text} {quote(text)}" for word, text in texts)
            yield _line(0, f"use {first.text} {_target(item)}{pinned}", item)
        case s.Use():
            target = _target(item)
            yield _line(0, f"use {target}{f' as {item.alias.text}' if item.alias else ''}", item)
        case s.Enum():
            yield from _enum(item)
        case s.TypeDecl():
            by = f" by {item.tag.text}" if item.tag else ""
            yield from _block(item, f"type {item.name.text}{by}{_doc(item.doc)}", item.items)
        case s.Table():
            head = f"table {item.name.text} from {quote(item.file)}{_key(item.key)}{_doc(item.doc)}"
            yield from _block(item, head, item.items)
        case s.Record():
            yield from _block(item, f"record {item.name.text}{_key(item.key)}{_doc(item.doc)}", item.items)
        case s.Terms():
            using = f" using {item.using.text}" if item.using else ""
            yield from _block(item, f"terms {item.name.text} on {item.table.text}{using}", item.items)
        case s.Mixture():
            name = f" {item.name.text}" if item.name else ""
            of = f" of {item.of.text}" if item.of else ""
            yield from _block(item, f"mixture{name} on {item.table.text} by {item.by.text}{of}", item.lines)
        case s.Reference():
            yield _line(0, _reference(item), item)
        case s.Recipe():
            yield from _block(item, f"recipe {item.name.text} for {item.table.text}", item.settings)
        case s.HeldOut():
            of = f" of {item.record.text}" if item.record else ""
            yield from _block(item, f"heldout {item.name.text}{of}{_doc(item.doc)}", item.settings)
        case s.Payment():
            yield from _block(item, f"payment in {item.currency.text}", item.settings)
        case s.Measure():
            yield _line(0, " ".join(item.span.text.split()), item)


def _target(use: s.Use) -> str:
    return use.target.text if isinstance(use.target, s.Word) else quote(use.target)


Inner = s.Setting | s.Field | s.Group | s.Clause | s.Let | s.MixtureLine


def _line(indent: int, text: str, item: s.Syntax) -> Line:
    return Line(indent, text, item.span.start, item.span.end)


def _block(item: s.Syntax, head: str, parts: tuple[Inner, ...], indent: int = 0) -> Iterator[Line]:
    opening = item.span.start + item.span.text.find("{") + 1
    if not parts:
        yield Line(indent, f"{head} {{", item.span.start, opening)
    else:
        yield Line(indent, f"{head} {{", item.span.start, min(opening, parts[0].span.start))
    for part in parts:
        yield from _part(part, indent + 1)
    yield Line(indent, "}", item.span.end - 1, item.span.end)


def _part(part: Inner, indent: int) -> Iterator[Line]:
    match part:
        case s.Setting():
            values = ", ".join(value(item) for item in part.values)
            yield _line(indent, f"{part.label.text}: {values}", part)
        case s.Field():
            yield _line(indent, _field(part), part)
        case s.Group():
            yield from _block(part, f"{part.name.text}{_untrained(part.untrained)}{_doc(part.doc)}", part.items, indent)
        case s.Clause():
            yield from _clause(part, indent)
        case s.Let():
            yield from _let(part, indent)
        case s.MixtureLine():
            dimensions = " * ".join(word.text for word in part.dimensions)
            yield _line(indent, f"{dimensions}: {', '.join(_entry(item) for item in part.entries)}", part)


def _enum(item: s.Enum) -> Iterator[Line]:
    yield from _words(item, f"enum {item.name.text}{_doc(item.doc)}", 0)


def _words(item: s.Enum | s.Member, head: str, indent: int) -> Iterator[Line]:
    """The words of an enum; on one line if they fit there and none is explained."""
    flat = f"{head} {{ {' '.join(member.name.text for member in item.members)} }}"
    if len(flat) + 2 * indent <= WIDTH and not any(member.doc or member.members for member in item.members):
        yield _line(indent, flat, item)
        return
    yield Line(indent, f"{head} {{", item.span.start, item.members[0].span.start)
    for member in item.members:
        text = f"{member.name.text}{_doc(member.doc)}"
        yield from _words(member, text, indent + 1) if member.members else (_line(indent + 1, text, member),)
    yield Line(indent, "}", item.span.end - 1, item.span.end)


def _doc(text: s.Text | None) -> str:
    return f" {quote(text)}" if text is not None else ""


def _key(key: s.Word | None) -> str:
    return f" key {key.text}" if key else ""


def _reference(item: s.Reference) -> str:
    out = f"reference {item.name.text} from {quote(item.file)}"
    if item.matching is not None and item.within is not None:
        out += f" matching {item.matching.text} within {number(item.within)}"
    return out


def _field(field: s.Field) -> str:
    out = f"{field.name.text}: {type_text(field.type)}"
    out += f" {bounds_text(field.bounds)}" if field.bounds else ""
    out += f" matching {quote(field.matching)}" if field.matching else ""
    if field.default is not None:
        default = field.default.text if isinstance(field.default, s.Word) else expr(field.default)
        out += f" = {default}"
    return out + _untrained(field.untrained) + _doc(field.doc)


def _untrained(mark: s.Untrained | None) -> str:
    if mark is None:
        return ""
    return f" untrained where {expr(mark.where)}" if mark.where is not None else " untrained"


def _entry(entry: s.Entry) -> str:
    member = quote(entry.member) if isinstance(entry.member, s.Text) else entry.member.text
    amount = entry.amount
    first, second = end_text(amount.first), end_text(amount.second)
    shown = {"exactly": first, "around": f"{first} +- {second}", "between": f"{first}..{second}"}
    if amount.first is None:
        return f"{member} {amount.kind}"
    return f"{member} {shown.get(amount.kind, f'{amount.kind} {first}')}"


# --- clauses


def _clause(clause: s.Clause, indent: int) -> Iterator[Line]:
    head = f"{clause.role} {clause.name.text}{_doc(clause.text)}:"
    tail = _statistic(clause.statistic) + (f" each {clause.scope.text}" if clause.scope else "")
    otherwise = f"otherwise {clause.otherwise[0].text} {clause.otherwise[1].text}" if clause.otherwise else ""
    if isinstance(clause.expr, s.AnyOf):
        yield from _options(clause.expr, head, indent)
        yield Line(indent, f"}}{tail}{' ' + otherwise if otherwise else ''}", clause.expr.span.end - 1, clause.span.end)
        return
    flat = f"{head} {expr(clause.expr)}{tail}{' ' + otherwise if otherwise else ''}"
    if len(flat) + 2 * indent <= WIDTH:
        yield _line(indent, flat, clause)
        return
    yield Line(indent, head, clause.span.start, clause.name.span.end)
    yield from _body(clause.expr, tail, indent)
    if otherwise:
        assert clause.otherwise is not None
        yield Line(indent + 1, otherwise, clause.otherwise[0].span.start, clause.span.end)


def _let(let: s.Let, indent: int) -> Iterator[Line]:
    head = f"let {let.name.text}{_doc(let.text)}:"
    flat = f"{head} {expr(let.expr)}"
    if len(flat) + 2 * indent <= WIDTH:
        yield _line(indent, flat, let)
        return
    yield Line(indent, head, let.span.start, let.name.span.end)
    yield from _body(let.expr, "", indent)


def _body(node: s.Expr, tail: str, indent: int) -> Iterator[Line]:
    body = _broken(node, WIDTH - 2 * (indent + 1))
    for position, (depth, text) in enumerate(body):
        last = position == len(body) - 1
        yield Line(indent + 1 + depth, text + (tail if last else ""), node.span.start, node.span.end)


def _options(node: s.AnyOf, head: str, indent: int) -> Iterator[Line]:
    yield Line(indent, f"{head} any of {{", node.span.start, node.options[0].span.start)
    for position, option in enumerate(node.options):
        comma = "," if position < len(node.options) - 1 else ""
        effect = f" expecting {number(option.expecting)}" if option.expecting else ""
        yield _line(indent + 1, f"{expr(option.expr)}{effect}{comma}", option)


def _statistic(tail: s.StatisticTail | None) -> str:
    if tail is None:
        return ""
    out = f" at {number(tail.confidence)} confidence"
    out += f" expecting {number(tail.expecting)}" if tail.expecting else ""
    if tail.accepting is not None and tail.accepting_at is not None:
        out += f" accepting {number(tail.accepting)} at {number(tail.accepting_at)}"
    return out


Piece = tuple[int, str]
"""A line of an expression, and how much deeper than the first one it stands."""


def _broken(node: s.Expr, room: int) -> list[Piece]:
    """An expression over as many lines as it needs: an operand of a chain each, a quantifier's body below its head."""
    flat = expr(node)
    if len(flat) <= room:
        return [(0, flat)]
    match node:
        case s.Binary(op=op) if op in ("and", "or"):
            first, *others = _operands(node, op)
            return [*_broken(first, room), *(piece for one in others for piece in _led(op, one, room))]
        case s.Binary(op="implies", left=left, right=right):
            return [*_broken(left, room), *_led("implies", right, room)]
        case s.Quantified() if node.which != "for each":
            head = f"{node.which} {node.variable.text} in {expr(node.over)} satisfies"
            return [(0, head), *_deeper(_broken(node.body, room - 2))]
        case s.Call(name=name, args=(s.Argument(label=None, value=inner),)):
            return _between(f"{name.text}(", inner, room)
        case s.Parens(inner=inner):
            return _between("(", inner, room)
        case _:
            return [(0, flat)]


def _operands(node: s.Expr, op: str) -> list[s.Expr]:
    """Those of a chain of one operator, from left to right."""
    if isinstance(node, s.Binary) and node.op == op:
        return [*_operands(node.left, op), node.right]
    return [node]


def _led(op: str, node: s.Expr, room: int) -> list[Piece]:
    """An operand on lines of its own, behind its operator."""
    (depth, text), *others = _broken(node, room - 3 - len(op))
    return _deeper([(depth, f"{op} {text}"), *others])


def _between(opening: str, node: s.Expr, room: int) -> list[Piece]:
    pieces = _broken(node, room - len(opening) - 1)
    pieces[0] = (pieces[0][0], opening + pieces[0][1])
    pieces[-1] = (pieces[-1][0], f"{pieces[-1][1]})")
    return pieces


def _deeper(pieces: list[Piece]) -> list[Piece]:
    return [(depth + 1, text) for depth, text in pieces]
