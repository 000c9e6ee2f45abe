"""The contract after checking: immutable, canonical, hashed. Everything behind `compile` reads only this.

After `compile` every name is resolved, every expression typed, every shorthand lowered to a `Clause`, every default
filled in. Two texts that mean the same have the same canonical JSON (RFC 8785) and so the same `digest`.
"""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from spec_lang.types import Node, Quantity, Type, bare, measured, read_as

Stage = Literal["delivery", "review", "trial"]
Basis = Literal["recomputed", "plugin", "executed", "reviewed", "declared"]
Kind = Literal["constant", "row", "aggregate"]

STAGES: tuple[Stage, ...] = ("delivery", "review", "trial")


class Place(Node):
    """Where in the contract's text something was written. Not part of the digest."""

    file: str
    line: int
    column: int


# ---------------------------------------------------------------------------------------------- expressions


class Const(Node):
    """A literal. `value` is text for Text, Date and words; numbers are decimal strings; a quantity has its unit.

    `30%` is `value="30", unit="%"`; `5pp` is `value="5", unit="pp"`.
    """

    op: Literal["const"] = "const"
    value: str | bool
    type: Type


class Path(Node):
    """A value of the row (`root="row"`) or of a quantifier's variable (`root=<its name>`).

    `steps` are keys from there. A step `->Expert` follows the `ref` just read into that table's row.
    In a held-out score, root `answer` with no steps is the generated text.
    """

    op: Literal["path"] = "path"
    root: str
    steps: tuple[str, ...]
    type: Type

    @property
    def dotted(self) -> str:
        """`source.author.credential`; a join is not spelled out, since the text of a contract does not either."""
        steps = [step for step in self.steps if not step.startswith("->")]
        return ".".join(steps if self.root == "row" else [self.root, *steps])


class Op(Node):
    """An operator over expressions of one row, or over aggregates: see `name`."""

    op: Literal["op"] = "op"
    name: Literal["and", "or", "not", "implies", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/"]
    args: tuple[Expr, ...]
    type: Type


class Range(Node):
    """`low..high`, both ends included; an absent end is open. Stands only on the right of `in`."""

    op: Literal["range"] = "range"
    low: Const | None
    high: Const | None
    type: Type


class SetExpr(Node):
    """`{ a, b }`. Stands on the right of `in`, or as a measure's argument."""

    op: Literal["set"] = "set"
    items: tuple[Const, ...]
    type: Type


class Quantified(Node):
    """`all x in list satisfies body` / `any x in list satisfies body`. `all` over an empty list holds.

    `each`, only as the argument of an aggregate: the values of `body`, as a list.
    """

    op: Literal["quantified"] = "quantified"
    which: Literal["all", "any", "each"]
    variable: str
    over: Expr
    body: Expr
    type: Type


class Argument(Node):
    """One argument of a measure. Variadic parameters appear once per value, in order."""

    name: str
    value: Expr


class Call(Node):
    """A measure of `std/measures.sftspec` applied to arguments, defaults filled in.

    An aggregate of kind `row` is one of the entries of a list: its argument is a `Quantified` with `each`.
    """

    op: Literal["call"] = "call"
    measure: str
    kind: Kind
    args: tuple[Argument, ...]
    type: Type

    def arg(self, name: str) -> Expr:
        """The value of the argument `name`. Raises KeyError if it was not given and has no default."""
        for argument in self.args:
            if argument.name == name:
                return argument.value
        raise KeyError(name)

    def all(self, name: str) -> tuple[Expr, ...]:
        """Every value given for the variadic parameter `name`."""
        return tuple(argument.value for argument in self.args if argument.name == name)

    def word(self, name: str) -> str:
        """The argument `name` when it is a literal or a declared name; as text."""
        value = self.arg(name)
        if not isinstance(value, Const):
            raise KeyError(name)
        return str(value.value)


Expr = Annotated[Const | Path | Op | Range | SetExpr | Quantified | Call, Field(discriminator="op")]

for _model in (Op, Quantified, Argument, Call):
    _model.model_rebuild()


# ---------------------------------------------------------------------------------------------- clauses


class Statistic(Node):
    """How a statistical comparison is decided. Decimal strings; shares as fractions (`0.95`), points as `0.03`."""

    confidence: str
    """One-sided confidence of the decision, e.g. `0.95`."""
    expecting: str | None = None
    """The effect both sides plan for; power is computed there."""
    effects: tuple[str | None, ...] = ()
    """For `any of`: the effect planned for in each of its comparisons. Then the expression joins them by `or`."""
    accepting: str | None = None
    """Sampling plans: the defect share that should be accepted ..."""
    accepting_at: str | None = None
    """... with this probability."""


class Clause(Node):
    """One line of the deal: what must hold of one table, and what follows if it does not."""

    name: str
    """Stable and unique: `quality.no_leak`, `mixture.input.task.payment`, `Request.input.request`."""
    role: Literal["require", "advise", "report"]
    text: str = ""
    """The words a lawyer wrote beside it."""
    table: str
    """The table whose rows it speaks of: a record or table of the contract, or `scores`, `reviews`, ..."""
    expr: Expr
    """Bool for require and advise, any value for report."""
    mark: Expr | None = None
    """For a row clause: the row predicate that must be TRUE of each row (`no(p)` is stored as `not p`)."""
    otherwise: Literal["reject lot", "drop record", "none"] = "reject lot"
    """`drop record` only on row clauses; `none` on advise and report."""
    each_lot: bool = False
    stage: Stage
    basis: Basis
    statistic: Statistic | None = None
    recipe: str | None = None
    """The recipe that `terms ... using` names."""
    origin: Literal["written", "field", "mixture", "volume", "delivery"] = "written"
    """What it was lowered from."""


# ---------------------------------------------------------------------------------------------- declarations


class Untrained(Node):
    """That a field's value is read by the model and bears no loss."""

    tag: str = ""
    """The enum beside it that says when; empty for always."""
    words: tuple[str, ...] = ()
    """The words of the tag with which it does not bear loss."""


class FieldDef(Node):
    """One field of a shape."""

    name: str
    type: Type
    pattern: str | None = None
    """RE2 pattern that the whole text must match."""
    low: str | None = None
    high: str | None = None
    """Inclusive bounds: of a number's value, a text's length, a list's length."""
    unit: Literal["value", "chars", "words", "items", "bytes"] = "value"
    """What `low` and `high` count. A Duration's are seconds."""
    default: str | bool | None = None
    """Used where the field is absent; then the field is not required."""
    entries: FieldDef | None = None
    """For a list whose entries have a pattern or bounds: what each of them must be. It has no name."""
    cases: tuple[str, ...] = ()
    """In a union: the words of the tag with which the field stands; empty for every word."""
    untrained: Untrained | None = None
    """Set where the value, in the group `target`, bears no loss."""
    doc: str = ""

    def measure(self) -> str:
        """The unit of the bounds: `USD`, `seconds`, `chars`; empty for plain numbers, days and entries."""
        read = bare(read_as(self.type))
        counted = self.unit if self.unit in ("chars", "words", "bytes") else ""
        return read.unit if isinstance(read, Quantity) else counted

    def bounds(self) -> str:
        """The bounds as one writes them: `0..500 USD`, `..30 minutes`."""
        unit = self.measure()
        low, high = (
            "" if end is None else measured(Decimal(end), unit) if unit else end for end in (self.low, self.high)
        )
        number, _, word = low.partition(" ")
        return f"{number if word and high.endswith(f' {word}') else low}..{high}"


class Shape(Node):
    """The fields of a record, group or type. Closed: other keys are an error."""

    name: str
    fields: tuple[FieldDef, ...]
    tag: str | None = None
    """For a union: the field, an enum, whose word says which fields stand beside it."""
    doc: str = ""


class Heading(Node):
    """A word of a taxonomy that holds narrower ones."""

    name: str
    doc: str = ""


class EnumDef(Node):
    """A named enum with what each word means. In a taxonomy the words are the narrowest ones: `law.contracts`."""

    name: str
    members: tuple[str, ...]
    docs: tuple[str, ...]
    headings: tuple[Heading, ...] = ()


class TableDef(Node):
    """A delivered table. The record itself has `file=None` and arrives in shards."""

    name: str
    shape: str
    key: str | None = None
    file: str | None = None
    doc: str = ""


class Lora(Node):
    """A low-rank addition to some matrices, trained in place of the base's weights and merged into them afterwards."""

    rank: int
    alpha: int
    """The addition is scaled by alpha / rank."""
    targets: tuple[str, ...]
    """Names of the base's linear layers, sorted, e.g. `q_proj`."""


class Recipe(Node):
    """How the model is trained, and on what. Every default is filled in; paths are relative to the contract."""

    name: str
    table: str
    base: str
    tokenizer: str
    template: str
    max_length: int
    overflow: Literal["refuse", "drop", "cut"] = "refuse"
    steps: int
    batch: int
    optimizer: Literal["adamw"] = "adamw"
    learning_rate: str
    beta1: str = "0.9"
    beta2: str = "0.99"
    epsilon: str = "0.00000001"
    """Added to the root of the second moment."""
    weight_decay: str = "0"
    gradient_clip: str = "1"
    """The norm beyond which gradients are scaled down."""
    warmup: str = "0.1"
    """Share of the steps."""
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    precision: Literal["fp32", "bf16"] = "fp32"
    """Of the training; answers are always generated in fp32."""
    micro_batch: int | None = None
    """Records of a batch that are computed at a time; None for all of them. Changes memory, not the result."""
    packing: Literal["none", "isolated"] = "none"
    """Whether records share rows of up to `max_length` tokens; isolated ones do not see each other."""
    adapter: Lora | None = None
    """None where all weights are trained."""
    max_new_tokens: int
    eval_batch: int = 64
    """Batch size in evaluation; pinned, since it can change scores."""
    end_of_turn: str = "<|end|>"
    """The token that ends an answer: trained, and stops generation."""
    seeds: int


class Public(Node):
    """A task of lm-eval by name, as its harness of one version asks and scores it, without examples in the prompt."""

    task: str
    version: str
    """Of the task, as the harness writes it."""
    harness: str
    """The version of lm-eval."""
    metric: str
    """What scores an item, and behind a comma the filter of the answer: `acc_norm,none`."""
    data: str
    """The folder with the items, as `<split>.jsonl`."""


class HeldOut(Node):
    """A set of items the tuned models are scored on: sealed, or public."""

    name: str
    record: str
    """The record type of its items; empty for a public lm-eval task."""
    items: str | None = None
    lm_eval: Public | None = None
    template: str | None = None
    """Own template; else the recipe's."""
    score: Expr | None = None
    """Bool or Number over an item and `answer`."""
    size: int
    clusters: int | None = None
    cluster_by: Path | None = None
    doc: str = ""


class Reference(Node):
    """Data the buyer trains on today: the arm a delivery must beat."""

    name: str
    items: str
    matching: Literal["trained_tokens", "records"] = "trained_tokens"
    within: str = "0.01"
    """Tolerance of the match, as a fraction."""


class Price(Node):
    """One line of the payment terms."""

    amount: str
    per: str
    where: Expr | None = None


class Payment(Node):
    """What is paid, what is held back, and the rework allowed."""

    currency: str
    prices: tuple[Price, ...]
    hold: str | None = None
    hold_until: str | None = None
    hold_days: int | None = None
    """The latest day; None where the hold lasts until the event, however long that takes."""
    rework_days: int | None = None
    rework_rounds: int | None = None


class Waiver(Node):
    """What the parties do without, and why."""

    name: str
    """What a completeness warning is called, such as `safety_guard`, or a clause of the amended contract."""
    reason: str


class Contract(Node):
    """A sound contract."""

    language: int = 1
    name: str
    title: str = ""
    version: str
    buyer: str
    vendor: str
    keys: str | None = None
    effective: str | None = None
    due: str | tuple[str, ...] | None = None
    """The day by which all is due, or one for each lot."""
    volume_low: int | None = None
    volume_high: int | None = None
    lots: int = 1
    attempts: int = 1
    record: str
    """The record type that is bought."""
    tables: tuple[TableDef, ...]
    shapes: tuple[Shape, ...]
    enums: tuple[EnumDef, ...] = ()
    recipes: tuple[Recipe, ...] = ()
    heldouts: tuple[HeldOut, ...] = ()
    references: tuple[Reference, ...] = ()
    payment: Payment | None = None
    waivers: tuple[Waiver, ...] = ()
    clauses: tuple[Clause, ...]

    def due_on(self, lot: int) -> str:
        """The day on which a lot is due; empty where the contract names none."""
        return (self.due or "") if not isinstance(self.due, tuple) else self.due[min(lot, len(self.due)) - 1]

    def shape(self, name: str) -> Shape:
        return next(shape for shape in self.shapes if shape.name == name)

    def table(self, name: str) -> TableDef:
        return next(table for table in self.tables if table.name == name)

    def recipe(self, name: str) -> Recipe:
        return next(recipe for recipe in self.recipes if recipe.name == name)

    def heldout(self, name: str) -> HeldOut:
        return next(heldout for heldout in self.heldouts if heldout.name == name)

    def reference(self, name: str) -> Reference:
        return next(reference for reference in self.references if reference.name == name)

    def clause(self, name: str) -> Clause:
        return next(clause for clause in self.clauses if clause.name == name)

    def canonical(self) -> bytes:
        """RFC 8785 bytes of the whole contract, defaults included.

        A contract has no floats and its keys are field names: there the standard library writes the same, and in a
        fifth of the time.
        """
        read = self.model_dump(mode="json")
        return json.dumps(read, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()

    def digest(self) -> str:
        """sha256 of the canonical form, in hex."""
        return hashlib.sha256(self.canonical()).hexdigest()


def canonical(value: Any) -> bytes:
    """RFC 8785 canonical JSON. Numbers that decide anything must already be decimal strings."""
    import rfc8785

    return rfc8785.dumps(value)
