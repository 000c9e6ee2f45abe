"""What every report shows of a ledger: its parts in the order a reader wants them, and text that is safe to print."""

from __future__ import annotations

from dataclasses import dataclass

from acceptance.figures import Figures
from acceptance.ledger import Entry, Finding, Ledger, Verdict, worst
from acceptance.report.curves import Curve
from acceptance.statistics.verdicts import UNSAID
from acceptance.statistics.wear import published
from spec_lang.contract import Contract, Stage

LONGEST = 400
"""Characters of one delivered text in a report."""
STAGE_NAMES: dict[Stage, str] = {"delivery": "delivery", "review": "intake by the buyer", "trial": "trial"}
BASIS_MEANS = {
    "recomputed": "computed again from the delivered data",
    "plugin": "found by a plug-in that the contract names",
    "executed": "found by running tests or training",
    "reviewed": "found by people who looked at a sample",
    "declared": "the vendor's own word, which nobody has checked",
}
NONE = Figures()
HIDDEN = frozenset(
    "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060"
    "\u2066\u2067\u2068\u2069\ufeff"
)
"""Characters that are not seen but move, hide or reverse what is."""


def safe(text: str, longest: int = LONGEST) -> str:
    """Text of a delivery on one line, with control, invisible and direction characters spelled out."""
    cut = text if len(text) <= longest else text[:longest] + "..."
    if cut.isprintable() and HIDDEN.isdisjoint(cut):
        return cut
    return "".join(map(spelled, cut))


def spelled(character: str, more: frozenset[str] = frozenset()) -> str:
    """The character itself, or its number where it acts, hides, or is one of `more`."""
    if character.isprintable() and character not in HIDDEN and character not in more:
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65_536 else f"\\U{code:08x}"


@dataclass(frozen=True, slots=True)
class View:
    """A ledger to be shown. `folder` is put before the files of findings; `stages` are those that were decided."""

    ledger: Ledger
    contract: Contract
    stages: tuple[Stage, ...] = ("delivery",)
    folder: str = ""
    figures: Figures = NONE
    curves: tuple[Curve, ...] = ()

    @property
    def verdict(self) -> Verdict:
        return self.ledger.verdict(self.stages)

    @property
    def forecast(self) -> Verdict | None:
        """The verdict if this were the last lot; None where no required clause waits for that."""
        required = [entry for entry in self.decided_here if entry.role == "require"]
        return None if all(entry.binding for entry in required) else worst(required)

    @property
    def decided_here(self) -> list[Entry]:
        return [entry for entry in self.ledger.entries if entry.stage in self.stages]

    @property
    def later(self) -> list[Entry]:
        """Clauses that another command or party decides."""
        return [entry for entry in self.ledger.entries if entry.stage not in self.stages]

    @property
    def dropped(self) -> list[Entry]:
        """Clauses that dropped rows and so were not breached."""
        return [entry for entry in self.decided_here if entry.dropped and entry.verdict != "breached"]

    @staticmethod
    def urgent_first(entries: list[Entry]) -> list[Entry]:
        """Breaches, then what is open, then the same as forecasts, then the rest, each in the contract's order."""
        order = {"breached": 0, "undecided": 1}
        return sorted(
            entries, key=lambda one: order.get(one.verdict, 4) + 2 * (one.verdict in order and not one.binding)
        )

    @property
    def found_here(self) -> list[Entry]:
        """Clauses with findings, the urgent ones first."""
        return self.urgent_first([entry for entry in self.decided_here if entry.findings])

    @property
    def files_found(self) -> list[str]:
        """The files that findings name, each once."""
        return list(dict.fromkeys(one.file for entry in self.found_here for one in entry.findings))

    def types_met(self) -> tuple[dict[str, int], list[Entry]]:
        """How many field clauses of each table are met with nothing to tell, and all other entries."""
        fields = {clause.name: clause.table for clause in self.contract.clauses if clause.origin == "field"}
        counts: dict[str, int] = {}
        others = []
        for entry in self.decided_here:
            if entry.clause in fields and entry.verdict == "met" and not entry.marked:
                table = fields[entry.clause]
                counts[table] = counts.get(table, 0) + 1
            else:
                others.append(entry)
        return counts, others

    def those(self, verdict: Verdict, binding: bool = True) -> list[Entry]:
        """Clauses of a verdict: those that bind now, or those of which it is a forecast for the last lot."""
        return [entry for entry in self.decided_here if entry.verdict == verdict and entry.binding == binding]

    @staticmethod
    def told(entry: Entry) -> str:
        """The verdict, or what it would be at the last lot."""
        words = {"met": "would be met", "breached": "would be breached", "undecided": "would be undecided"}
        return entry.verdict if entry.binding else words.get(entry.verdict, entry.verdict)

    def asks(self, entry: Entry) -> bool:
        """Whether the clause's expression tells more than its name, its words and its findings have said."""
        row = next((one for one in self.contract.clauses if one.name == entry.clause and one.mark is not None), None)
        if row is None:
            return bool(entry.bound)
        quoted = any(finding.expected in finding.message for finding in entry.findings if finding.expected)
        return row.origin == "written" and not entry.text and not quoted

    def place(self, finding: Finding) -> str:
        """`delivery/part-03.jsonl:1187 $.input.text`, safe to print."""
        file = f"{self.folder.rstrip('/')}/{finding.file}" if self.folder else finding.file
        line = f":{finding.line}" if finding.line else ""
        path = f" {finding.path}" if finding.path != "$" else ""
        return safe(f"{file}{line}{path}")

    def summary(self) -> str:
        """The verdict in a sentence."""
        stages = " and ".join(STAGE_NAMES[stage] for stage in self.stages)
        required = [entry for entry in self.decided_here if entry.role == "require" and entry.binding]
        counted = {word: sum(entry.verdict == word for entry in required) for word in ("met", "breached", "undecided")}
        told = ", ".join(f"{count} {word}" for word, count in counted.items() if count or word == "met")
        return f"{self.verdict}: of {len(required)} required clauses ({stages}) {told}{self._forecast()}"

    def _forecast(self) -> str:
        """What the clauses that bind at the last lot would come to."""
        waiting = [entry for entry in self.decided_here if entry.role == "require" and not entry.binding]
        if not waiting:
            return ""
        bad = [
            f"{count} would be {word}"
            for word in ("breached", "undecided")
            if (count := sum(one.verdict == word for one in waiting))
        ]
        bind = "1 more binds" if len(waiting) == 1 else f"{len(waiting)} more bind"
        return f"; {bind} at the last lot, and {', '.join(bad) or 'would be met'} if it were this one"

    def limits(self) -> list[str]:
        """What this ledger does not show."""
        declared = sum(entry.basis == "declared" for entry in self.decided_here)
        found = [f"{len(self.later)} clauses are decided later, by another party or stage."] if self.later else []
        if declared:
            found.append(f"{declared} clauses rest on what the vendor declares; nobody has checked those statements.")
        if forecasts := [entry for entry in self.decided_here if not entry.binding]:
            found.append(f"{len(forecasts)} clauses are forecasts until the last lot has arrived.")
        if "trial" in self.stages:
            found += [f"{one[:1].upper()}{one[1:]}." for one in (*UNSAID, *published(self.contract))]
        found.append("At most 20 findings are listed per clause; the counts are complete.")
        found.append("What no clause asks for was not looked at.")
        return found
