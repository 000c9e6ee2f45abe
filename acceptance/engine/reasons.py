"""Why a clause stays undecided, in the words of the ledger, and the table whose rows it speaks of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from acceptance.engine.wording import row_paths
from acceptance.ledger import SEE
from acceptance.measures import evidence_of
from acceptance.tables import Column
from acceptance.values.parts import walk
from spec_lang.contract import Call, Clause, Contract, Expr

ABOUT_FILES = ("lines", "files")
"""Evidence tables of what reading met: a row is a line or file, not a record."""
NOTHING = "there are no accepted rows to judge"


def home(clause: Clause) -> str:
    """The table whose rows a clause marks: `lines` or `files` where its measure speaks of those."""
    calls = (node for node in walk(clause.mark or clause.expr) if isinstance(node, Call))
    return next((source for call in calls if (source := evidence_of(call.measure)) in ABOUT_FILES), clause.table)


def nothing(clause: Clause, contract: Contract) -> str:
    """Why nothing can be said of no rows."""
    if home(clause) in ABOUT_FILES:
        return "nothing was delivered"
    return NOTHING if clause.table == contract.record else f"no rows of {clause.table} were delivered"


def told(columns: Sequence[Column], rows: npt.NDArray[np.bool_]) -> str:
    """What the measures say of the first of some rows that they say anything of."""
    found = ((row, column.details[row].message) for column in columns for row in column.details if rows[row])
    return min(((row, message) for row, message in found if message), default=(0, ""))[1]


def unjudged(clause: Clause, expr: Expr, rows: int, why: str, contract: Contract) -> str:
    """Why rows could not be judged: in the words of a measure, else by the type clauses to look at."""
    if why:
        return f"{rows:,} row{'s' if rows > 1 else ''} could not be judged: {why}"
    names = type_clauses(clause, expr, contract)
    see = f"{SEE}{', '.join(names)}" if names else ""
    subject = "1 row has" if rows == 1 else f"{rows:,} rows have"
    return f"{subject} a value that is not of its declared type and could not be judged{see}"


def type_clauses(clause: Clause, expr: Expr, contract: Contract) -> list[str]:
    """The clauses that state the types of the fields an expression reads; at most three."""
    read = {f"{clause.table}.{'.'.join(path.steps)}" for path in row_paths(expr)}
    named = [
        one.name
        for one in contract.clauses
        if one.origin == "field" and any(name == one.name or name.startswith(f"{one.name}.") for name in read)
    ]
    return [name for name in named if name != clause.table][:3] or named[:3]
