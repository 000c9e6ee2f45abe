"""A delivered record in, the values a template sees out: fields in declared order, defaults filled, absent ones None.

For the mask, values can be traced: a `Traced` text or number compares and counts as itself, and says where it came from
only when it is written out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from acceptance.rendering.errors import IncompleteRecord
from acceptance.tables import below
from spec_lang.contract import Contract, FieldDef
from spec_lang.types import INT, NUMBER, ListOf, OptionalOf, Quantity, RecordOf, Scalar, Type, bare

GENERATION, GENERATION_END, VALUE, NUMBER_END, VALUE_END, BARE = "\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4\ufdd5"
"""Marks in a template's output. They are noncharacters of Unicode: records that hold them are refused."""


class Record(dict[str, Any]):
    """A group of declared fields; None stands for an absent one."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One text, number or truth value of the record."""

    path: str
    trained: bool | None
    """Whether it bears loss: it stands in `target`, and nothing from there to it is marked `untrained`.

    None for the tag of a union, which a template may write or say in words of its own.
    """
    text: bool
    declared_text: bool

    @property
    def group(self) -> str:
        return self.path.split(".")[1].split("[")[0]


class Traced(str):
    """A text that carries the number of its leaf into the output. Shape-keeping methods keep the trace."""

    number: int

    def __new__(cls, text: str, number: int) -> Traced:
        made = super().__new__(cls, text)
        made.number = number
        return made

    def __str__(self) -> str:
        return f"{VALUE}{self.number}{NUMBER_END}{super().__str__()}{VALUE_END}"

    def __add__(self, other: str) -> str:
        return str(self) + str(other)

    def __radd__(self, other: str) -> str:
        return other + str(self)

    def __getitem__(self, key: Any) -> Traced:
        return Traced(super().__getitem__(key), self.number)


def _tracing(name: str) -> Callable[..., Any]:
    plain = getattr(str, name)

    def method(self: Traced, *args: Any) -> Any:
        made = plain(self, *args)
        return [Traced(part, self.number) for part in made] if isinstance(made, list) else Traced(made, self.number)

    return method


for _name in ("strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "split", "rsplit", "splitlines"):
    setattr(Traced, _name, _tracing(_name))


class TracedNumber:
    """A number that says where it came from when it is written out; a `TracedInt` or `TracedFloat`."""

    number: int
    shown: str
    """As it is written."""

    def __new__(cls, value: Any, number: int) -> Any:
        made = super().__new__(cls, value)  # type: ignore[call-arg]
        made.number, made.shown = number, repr(value)
        return made

    def __str__(self) -> str:
        return str(self.text())

    __repr__ = __str__

    def text(self) -> Traced:
        return Traced(self.shown, self.number)


class TracedInt(TracedNumber, int):
    pass


class TracedBool(TracedInt):
    """Truth cannot be subclassed: it counts as 0 or 1, as a bool does."""


class TracedFloat(TracedNumber, float):
    pass


TRACED: dict[type, Callable[[Any, int], Any]] = {str: Traced, bool: TracedBool, int: TracedInt, float: TracedFloat}
TRAINED_GROUP = "target"
"""The record group that is trained."""
TRAINING_GROUP = "training"
"""The record group that says how."""


class Filler:
    """Turns records of one table, or type, into what a template sees; traces values into `leaves` where given."""

    def __init__(self, contract: Contract, table: str) -> None:
        self.contract = contract
        declared = {known.name: known.shape for known in contract.tables}
        self.shape = declared.get(table, table)  # a held-out set may be of a type that is not delivered
        self.missing: list[str] = []
        """Required fields that the last record did not have."""
        self.settings: dict[str, Any] | None = None
        """Defaults of the group `training`, read once."""

    def fill(self, record: Mapping[str, Any], leaves: list[Leaf] | None = None) -> Record:
        """Raises IncompleteRecord where a group or list is something else."""
        self.missing = []
        return self.record(record, self.shape, "$", leaves)

    def weight(self, record: Mapping[str, Any]) -> float:
        """What a record counts in training: `training.weight`, else 1; 0 in another split than `train`."""
        if not self.trained(record):
            return 0.0
        weight = self.setting(record, "weight", 1)
        return float(weight) if isinstance(weight, (int, float, Decimal)) and not isinstance(weight, bool) else 1.0

    def trained(self, record: Mapping[str, Any]) -> bool:
        """Whether a record is of the split that is trained on, or of none."""
        return bool(self.setting(record, "split", "train") == "train")

    def setting(self, record: Mapping[str, Any], name: str, otherwise: Any) -> Any:
        """A field of the record's group `training`, its default filled in."""
        group = record.get(TRAINING_GROUP)
        given = group.get(name) if isinstance(group, Mapping) else None
        if given is None and self.settings is None:
            self.settings = {field.name: default(field) for field in self.training_fields()}
        given = (self.settings or {}).get(name) if given is None else given
        return otherwise if given is None else given

    def training_fields(self) -> tuple[FieldDef, ...]:
        fields = {field.name: bare(field.type) for field in self.contract.shape(self.shape).fields}
        group = fields.get(TRAINING_GROUP)
        return self.contract.shape(group.name).fields if isinstance(group, RecordOf) else ()

    def record(
        self, value: Any, shape: str, path: str, leaves: list[Leaf] | None, trained: bool | None = False
    ) -> Record:
        if not isinstance(value, Mapping):
            raise IncompleteRecord(f"{path} is not a group of fields, so the record cannot be rendered", path)
        made = Record()
        declared = self.contract.shape(shape)
        case = value.get(declared.tag) if declared.tag is not None else None
        for field in declared.fields:
            present = value.get(field.name)
            if present is None and field.cases and case not in field.cases:
                continue
            if present is None and field.default is None and not isinstance(field.type, OptionalOf):
                self.missing.append(f"{path}.{field.name}")
                continue
            given = default(field) if present is None else present
            within = trained or (path == "$" and field.name == TRAINED_GROUP)
            bears = None if field.name == declared.tag else within and not unread(field, value)
            made[field.name] = self.value(given, field.type, f"{path}.{field.name}", leaves, bears)
        for name, given in value.items():
            if name not in made and given is not None:
                made[name] = self.untyped(given, below(path, name), leaves, trained)
        return made

    def value(self, value: Any, type_: Type, path: str, leaves: list[Leaf] | None, trained: bool | None) -> Any:
        if value is None:
            return None
        match type_:
            case OptionalOf(item=item):
                return self.value(value, item, path, leaves, trained)
            case RecordOf(name=name):
                return self.record(value, name, path, leaves, trained)
            case ListOf(item=item):
                if not isinstance(value, list):
                    raise IncompleteRecord(f"{path} is not a list, so the record cannot be rendered", path)
                return [self.value(entry, item, f"{path}[{at}]", leaves, trained) for at, entry in enumerate(value)]
            case Scalar(name="Text"):
                return self.untyped(value, path, leaves, trained, declared_text=True)
        return self.untyped(value, path, leaves, trained)

    def untyped(
        self, value: Any, path: str, leaves: list[Leaf] | None, trained: bool | None, declared_text: bool = False
    ) -> Any:
        """Any JSON value, its texts, numbers and truth values traced."""
        if leaves is None:
            return value
        if isinstance(value, Mapping):
            return {key: self.untyped(inner, below(path, key), leaves, trained) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.untyped(inner, below(path, at), leaves, trained) for at, inner in enumerate(value)]
        traced = TRACED.get(type(value))
        if traced is None:
            return value
        leaves.append(Leaf(path, trained, isinstance(value, str), declared_text))
        return traced(value, len(leaves) - 1)


def unread(field: FieldDef, beside: Mapping[str, Any]) -> bool:
    """Whether a field is marked untrained, with the word that the enum beside it has."""
    mark = field.untrained
    return mark is not None and (not mark.tag or beside.get(mark.tag) in mark.words)


def default(field: FieldDef) -> Any:
    """The declared default as the JSON value that a record would hold."""
    counted = isinstance(field.type, Quantity) or field.type in (INT, NUMBER)
    if isinstance(field.default, str) and counted:
        number = float(field.default)
        return int(number) if number.is_integer() else number
    return field.default


def compact_json(value: Any) -> str:
    """JSON without spaces, non-ASCII as it is, fields in declared order, absent fields left out."""
    return bared(json.dumps(jsonable(value), ensure_ascii=False, separators=(",", ":")))


def spaced_json(value: Any, indent: int | None = None) -> str:
    """As chat templates know `tojson`: a space after commas and colons, nothing escaped for HTML or ASCII."""
    return bared(json.dumps(jsonable(value), ensure_ascii=False, indent=min(indent, 8) if indent else None))


def bared(text: str) -> str:
    """Traced numbers, which `jsonable` writes as texts, without their quotes."""
    return text.replace(f'"{BARE}', "").replace(f'{BARE}"', "")


def jsonable(value: Any) -> Any:
    """Absent fields left out, traces written."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, TracedNumber):
        shown = value.text()
        return f"{BARE}{shown.lower() if isinstance(value, TracedBool) else shown!s}{BARE}"
    if isinstance(value, Record):
        return {key: jsonable(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, Mapping):
        return {str(key): jsonable(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(inner) for inner in value]
    return value
