"""Text as it is written elsewhere (`01.12.2026`, `1,800`, `5-10%`, `$5`, `2 weeks`) to how the language writes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from spec_lang.currencies import decimals
from spec_lang.types import UNITS

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
SCALES = {
    "week": ("7", " days"), "wk": ("7", " days"), "fortnight": ("14", " days"), "quarter": ("3", " months"),
    "decade": ("10", " years"), "k": ("1000", ""), "thousand": ("1000", ""), "million": ("1e6", ""),
    "kb": ("1000", " bytes"), "mb": ("1e6", " bytes"), "gb": ("1e9", " bytes"), "kib": ("1024", " bytes"),
    "mib": ("1048576", " bytes"), "ms": ("0.001", " seconds"), "per cent": ("1", "%"), "‰": ("0.1", "%"),
}  # fmt: skip
"""What is no unit here, as so many of one that is."""
BOUNDS = {
    "at most": "<=", "up to": "<=", "no more than": "<=", "not more than": "<=", "at least": ">=",
    "no less than": ">=", "no fewer than": ">=", "not less than": ">=", "less than": "<", "fewer than": "<",
    "more than": ">",
}  # fmt: skip
INSTEAD = {"≤": "<=", "=<": "<=", "≥": ">=", "=>": ">=", "≠": "!=", "<>": "!=", "±": "+-", "+/-": "+-"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What was probably meant."""

    text: str
    """As the language writes it."""
    problem: str
    """What is wrong with what was written: the rest of a sentence."""
    help: str
    sure: bool = True
    """Whether nothing else can have been meant."""


def misread(text: str, start: int, separates: bool) -> tuple[int, Reading] | None:
    """The end of what begins at `start` and is written elsewhere only, and its reading; None where all is well.

    `separates`: a comma between digits parts values there.
    """
    if SOUND.match(text, start):
        return None
    for pattern, read in RULES:
        found = pattern.match(text, start)
        if found is None or (separates and pattern in COMMAS and not re.search(",0[0-9]", found.group())):
            continue  # `1,000` is one number even there: nobody writes 000
        reading = read(found)
        if reading is not None:
            return found.end(), reading
    return None


# ------------------------------------------------------------------------------------------------ days


def _day(found: re.Match[str]) -> Reading | None:
    """A day whose parts stand in another order, or between other signs."""
    first, sign, second, third = found.groups()
    orders = [(first, second, third)] if len(first) == 4 else [(third, second, first), (third, first, second)]
    if len(orders[0][0]) != 4:
        return None
    days = list(dict.fromkeys(day for order in orders for day in _real(*order)))
    if not days:
        return Reading(f"{orders[0][0]}-01-01", "is no day", "write year, month and day, as in 2026-12-31", False)
    if len(first) == 4 and sign == ".":  # a version may look like this
        help = f'write the date as {days[0].isoformat()}, a text as "{found.group()}"'
        return Reading(days[0].isoformat(), "is not how a date is written", help, False)
    if sign == "." or len(days) == 1:
        return _dated(days[0])
    either = " or ".join(f"{day.isoformat()} ({day.day} {day:%B})" for day in days)
    return Reading(days[0].isoformat(), "is not how a date is written", f"write the date as {either}", False)


def _spelt(found: re.Match[str]) -> Reading | None:
    """`1 November 2026`, `Nov 1st, 2026`."""
    month = str(MONTHS.index(found["month"][:3].lower()) + 1)
    return next((_dated(day) for day in _real(found["year"], month, found["day"])), None)


def _moment(found: re.Match[str]) -> Reading:
    return Reading(found["day"], "is a moment, and days alone are written here", f"write {found['day']}")


def _real(year: str, month: str, day: str) -> Iterator[date]:
    try:
        yield date(int(year), int(month), int(day))
    except ValueError:
        return


def _dated(day: date) -> Reading:
    return Reading(day.isoformat(), "is not how a date is written", f"write the date as {day.isoformat()}")


def _version(found: re.Match[str]) -> Reading:
    return Reading(f'"{found.group()}"', "is not a number", f'write a text: "{found.group()}"')


# ------------------------------------------------------------------------------------------------ numbers


def _grouped(found: re.Match[str]) -> Reading:
    """`1,800`, `10 000`, `1'000`, `1.234,50`."""
    return _number(re.sub("[^0-9]", "_", found["whole"]) + (found["rest"] or "").replace(",", "."))


def _dotted(found: re.Match[str]) -> Reading:
    """`1.500 records`: a dot begins the decimals here, and nobody writes the last of these."""
    text = found.group().replace(".", "_")
    first = found.group().rstrip("0").rstrip(".")
    return Reading(text, "may be read in two ways", f"write {text}, or {first} where the dot begins decimals", False)


def _comma(found: re.Match[str]) -> Reading:
    return _number(found.group().replace(",", "."))


def _pointed(found: re.Match[str]) -> Reading:
    return _number(f"0{found.group()}")


def _number(text: str) -> Reading:
    return Reading(text, "is not how a number is written", f"write {text}")


def _scaled(found: re.Match[str]) -> Reading | None:
    """`2 weeks` are 14 days, `10k records` are 10_000 records."""
    word = " ".join(found["word"].lower().split())
    scale = SCALES.get(word) or SCALES.get(word.removesuffix("s"))
    if scale is None:
        return None
    amount = Decimal(found["number"].replace("_", "")) * Decimal(scale[0])
    text = f"{int(amount):_}" if amount == int(amount) else f"{amount.normalize():f}"
    text += scale[1] + found["unit"]
    return Reading(text, f"is not how it is counted: `{found['word']}` is no unit", f"write {text}")


def _money(found: re.Match[str]) -> Reading | None:
    """`$5`, `5 €` and `USD 5`: the code of the currency stands behind the amount."""
    code = SIGNS.get(found["sign"], found["sign"])
    if code not in decimals():
        return None
    text = f"{found['number']} {code}"
    help = f"write {text}; under `payment in {code}` the number alone"
    return Reading(text, "is not how an amount is written", help, found["sign"] == code)


# ------------------------------------------------------------------------------------------------ ranges


def _range(found: re.Match[str]) -> Reading | None:
    """`5-10%`, `1 to 2_000 chars`, `between 5% and 10%`."""
    low, high = (re.sub(",(?=[0-9])", "_", found[end]) for end in ("low", "high"))
    if found.groupdict().get("minus") and not _value(low) < _value(high):
        return None  # a difference
    share = next((unit for unit in ("%", "pp") if high.endswith(unit)), "")
    text = f"{low}{share if low[-1].isdigit() else ''}..{high}"
    within = f"; a value lies `in {text}`" if found.group().startswith("between") else ""
    return Reading(text, "is not how a range is written", f"write {text}{within}")


def _sign(found: re.Match[str]) -> Reading:
    sign = INSTEAD[found.group()]
    return Reading(sign, "is not part of the language", f"write `{sign}`")


def _spaced(found: re.Match[str]) -> Reading:
    """A number and its unit with a space between them that only looks like one."""
    text = f"{found['number']} {found['unit']}"
    return Reading(text, "holds a space that does not break", f"write a plain space: {text}")


def _value(text: str) -> Decimal:
    return Decimal(re.sub(r"[^0-9.]", "", text))


def _one_sided(found: re.Match[str]) -> Reading:
    """`at most 5%`, `up to 2_000 chars`."""
    sign, amount = BOUNDS[" ".join(found["bound"].split())], found["amount"]
    behind = {"<=": f"; behind a type `..{amount}`", ">=": f"; behind a type `{amount}..`"}.get(sign, "")
    return Reading(f"..{amount}", "is said with a sign", f"write `{sign} {amount}`{behind}", False)


# ------------------------------------------------------------------------------------------------ the rules

WIDE = "\u00a0\u2009\u202f"
GAP, SPACE = rf"[ \t{WIDE}]{{0,4}}", f"[ {WIDE}]"
END = r"(?![\w]|[.,][0-9])"
WORD_END = r"\b(?![ \t]*:)"
"""Not the label of the next field on a line."""
PLAIN = r"[0-9][0-9_]{0,40}(?:\.[0-9]{1,40})?"
UNITS_HERE = rf"(?:%|(?:{'|'.join(unit.removesuffix('s') for unit in UNITS if unit != '%')})s?{WORD_END})"
UNIT = rf"(?:[ \t]{{0,4}}{UNITS_HERE})?"
WORD = rf"(?:[ \t]{{0,4}}(?:%|[A-Za-z]{{1,12}}{WORD_END}))?"
COUNTED = r"(?=[ \t]*(?:bytes?|chars?|words?|tokens?|records?|lots?|clusters?|rounds?)\b)"
LIMIT = r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,3}(?:,[0-9]{3}){1,8}|[0-9][0-9_]{0,40}(?:\.[0-9]{1,40})?)"
MONTH = rf"(?P<month>(?i:{'|'.join(MONTHS)})[a-z]{{0,6}})\.?"
DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?\.?"
YEAR = rf"(?P<year>[0-9]{{4}}){END}"

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], Reading | None]]

DAYS: tuple[Rule, ...] = (
    (
        re.compile(rf"(?![0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})([0-9]{{1,4}})([./-])([0-9]{{1,2}})\2([0-9]{{1,4}}){END}"),
        _day,
    ),
    (re.compile(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ][0-9]{2}:[0-9]{2}[0-9:.+Z-]{0,20}"), _moment),
    (re.compile(rf"{DAY}[ \t]+{MONTH},?[ \t]+{YEAR}"), _spelt),
    (re.compile(rf"{MONTH}[ \t]+{DAY},?[ \t]+{YEAR}"), _spelt),
)
RANGES: tuple[Rule, ...] = (
    (re.compile(rf"between[ \t]+(?P<low>{LIMIT}{WORD})[ \t]+and[ \t]+(?P<high>{LIMIT}{END}{UNIT})"), _range),
    (re.compile(rf"(?P<low>{LIMIT}{WORD})[ \t]*(?:[–—‑−…]|\.\.\.|to\b)[ \t]*(?P<high>{LIMIT}{END}{UNIT})"), _range),
    (re.compile(rf"(?P<low>{LIMIT}{UNIT})(?P<minus>-)(?P<high>{LIMIT}{END}{UNIT})"), _range),
    (re.compile(rf"(?P<bound>{'|'.join(BOUNDS).replace(' ', '[ ]+')})[ \t]+(?P<amount>{PLAIN}{UNIT})"), _one_sided),
)
NUMBERS: tuple[Rule, ...] = (
    (re.compile(rf"(?P<whole>[0-9]{{1,3}}(?:{SPACE}[0-9]{{3}}){{1,8}})(?P<rest>[.,][0-9]{{1,9}})?{END}"), _grouped),
    (re.compile(rf"(?P<whole>[0-9]{{1,3}}(?:['’][0-9]{{3}}){{1,8}})(?P<rest>[.,][0-9]{{1,9}})?{END}"), _grouped),
    (re.compile(rf"[1-9][0-9]{{0,2}}(?:\.[0-9]{{3}}){{0,7}}\.[0-9]{{2}}0{COUNTED}"), _dotted),
    (re.compile(rf"[0-9]{{1,6}}(?:\.[0-9]{{1,6}}){{2,3}}{END}(?![+-])"), _version),
    (re.compile(rf"(?P<number>{PLAIN})[{WIDE}]{{1,4}}(?P<unit>{UNITS_HERE})"), _spaced),
    (
        re.compile(rf"(?P<number>{PLAIN}){GAP}(?P<word>‰|per[ \t]+cent\b|[A-Za-z]{{1,9}}{WORD_END})(?P<unit>{UNIT})"),
        _scaled,
    ),
    (re.compile(rf"(?P<number>{PLAIN}){GAP}(?P<sign>[$€£¥])"), _money),
    (
        re.compile(rf"(?P<sign>[$€£¥]|[A-Z]{{3}}\b){GAP}(?P<number>{PLAIN}){END}(?![ \t]*(?:{UNITS_HERE}|\.\.|\+-))"),
        _money,
    ),
    (re.compile("|".join(map(re.escape, INSTEAD))), _sign),
    (re.compile(rf"(?<![\w.])\.[0-9]{{1,40}}{END}"), _pointed),
)
COMMAS: dict[re.Pattern[str], Callable[[re.Match[str]], Reading | None]] = {
    re.compile(rf"(?P<whole>[0-9]{{1,3}}(?:,[0-9]{{3}}){{1,8}})(?P<rest>\.[0-9]{{1,9}})?{END}"): _grouped,
    re.compile(rf"(?P<whole>[0-9]{{1,3}}(?:\.[0-9]{{3}}){{1,8}})(?P<rest>,[0-9]{{1,9}}){END}"): _grouped,
    re.compile(rf"[0-9]{{1,40}},[0-9]{{1,9}}{END}"): _comma,
}
"""Numbers with a comma: in a set and in a call it parts two of them."""
RULES: tuple[Rule, ...] = (*DAYS, *RANGES, *COMMAS.items(), *NUMBERS)
SOUND = re.compile(rf"{PLAIN}(?<!0){UNIT}(?:[ \t]*[\r\n)}}\]:|+*<>#?\"]|\.\.(?!\.)|,(?![0-9]))|[<>=]=?(?![<>=])|\+-")
"""Most of what is written: it needs no closer look."""
BEGIN = frozenset(word.split()[0] for word in BOUNDS) | {"between"}
"""Words that something written elsewhere may begin with, beside months and currencies."""


def may_begin(word: str) -> bool:
    """Whether a name could begin what is written elsewhere."""
    return word in BEGIN or word[:3].lower() in MONTHS or (len(word) == 3 and word.isupper())
