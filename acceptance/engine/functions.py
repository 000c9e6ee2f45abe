"""The call of a measure to what it needs: a function of the row, or a `Use` for marks and aggregates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from acceptance.engine.expressions import Reader, Scope, Setting, compile_
from acceptance.engine.paths import Rows
from acceptance.engine.readers import compact
from acceptance.engine.wording import json_path
from acceptance.executions import Execute
from acceptance.measures import MEASURES, row_parameters
from acceptance.measures.protocol import Aggregate, RowFunction, Unavailable, Use, no_plugin
from acceptance.tables import ABSENT, Delivered
from acceptance.values.exact import coded
from spec_lang.contract import Call, Contract, Path
from spec_lang.types import RecordOf

if TYPE_CHECKING:
    from acceptance.rendering import Renderer


@dataclass(frozen=True, slots=True)
class Workshop:
    """What measures may look at besides rows; makes their uses and the setting expressions are compiled in."""

    contract: Contract
    folder: FilePath
    renderer: Callable[[str], Renderer]
    items: Callable[[str], Iterable[dict[str, Any]]]
    execute: Callable[[str], Execute]
    rows: Rows
    plugin: Callable[[Call], Any] = no_plugin
    numbers: dict[Call, int] = field(default_factory=dict)
    """Of the calls of row measures: equal calls in several clauses are one."""

    def setting(self, shape: str) -> Setting:
        """Expressions over the rows of one shape."""
        return Setting(self.contract, {"row": RecordOf(name=shape)}, self.function, self.rows)

    def aggregate(self, call: Call) -> Use:
        """One use of an aggregate, which reads columns and no rows."""
        return Use(call, self.contract, self.folder, {}, {}, self.renderer, self.items, self.execute, self.plugin)

    def use(self, call: Call, setting: Setting) -> Use:
        """One use of a measure, its row parameters as functions of the row."""
        names = row_parameters(call)
        readers = {name: [_alone(compile_(one, setting)) for one in call.all(name)] for name in names}
        paths = {name: [_place(one) for one in call.all(name)] for name in names}
        return Use(
            call, self.contract, self.folder, readers, paths, self.renderer, self.items, self.execute, self.plugin
        )

    def function(self, call: Call, setting: Setting) -> Reader:
        """A row function applied to its arguments. Raises Unavailable for a measure that needs more than one row."""
        measure = MEASURES[call.measure]
        if isinstance(measure, Aggregate):
            read = self._entrywise(call, measure, setting)
        elif isinstance(measure, RowFunction):
            read = self._applied(call, measure, setting)
        else:
            raise Unavailable(f"`{call.measure}` is decided over all rows and cannot stand inside `all` or `any`")
        of_row = setting.roots.keys() == {"row"}
        return remembered(self.numbers.setdefault(call, len(self.numbers)), read) if of_row else read

    def _applied(self, call: Call, measure: RowFunction, setting: Setting) -> Reader:
        arguments = [compile_(one, setting) for name in row_parameters(call) for one in call.all(name)]
        apply = measure.make(self.use(call, setting))
        return lambda scope: apply(*[argument(scope) for argument in arguments])

    def _entrywise(self, call: Call, measure: Aggregate, setting: Setting) -> Reader:
        """An aggregate of the entries of one list, as it would be of rows; absent where it has no value."""
        values, use = compile_(call.args[0].value, setting), self.aggregate(call)

        def read(scope: Scope) -> Any:
            found = values(scope)
            if found is ABSENT:
                return ABSENT
            column = coded(map(compact, found))
            reduced = measure.reduce([column], column.known, use).value
            return ABSENT if reduced is None else reduced

        return read


def remembered(number: int, read: Reader) -> Reader:
    """The same function of the row, worked out once for each delivered row, whichever clauses ask."""

    def recall(scope: Scope) -> Any:
        row = scope["row"]
        if type(row) is not Delivered:
            return read(scope)
        if number in row.memo:
            return row.memo[number]
        row.memo[number] = value = read(scope)
        return value

    return recall


def _alone(read: Reader) -> Callable[[Any], Any]:
    return lambda row: read({"row": row})


def _place(expr: object) -> str:
    return json_path(expr) if isinstance(expr, Path) and expr.root == "row" else ""
