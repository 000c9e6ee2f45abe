"""Why a clause stays undecided, in the words of the ledger, and the table whose rows it speaks of."""

from __future__ import annotations

from acceptance.engine.wording import row_paths
from acceptance.measures import evidence_of
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


def malformed(clause: Clause, expr: Expr, rows: int, contract: Contract) -> str:
    """Why rows could not be judged, naming the type clauses to look at."""
    names = type_clauses(clause, expr, contract)
    see = f"; see {', '.join(names)}" if names else ""
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
