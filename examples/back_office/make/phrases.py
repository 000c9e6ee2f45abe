"""Facts of one request (vendor, date, amount, currency) in, its English wording out."""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from random import Random

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

# Few syllables and short words, so that each is one token of a small vocabulary.
SYLLABLES = (
    "bal",
    "cor",
    "dun",
    "fen",
    "gal",
    "har",
    "jol",
    "kel",
    "lom",
    "mar",
    "nev",
    "pol",
    "rus",
    "san",
    "tam",
    "vin",
    "wes",
    "yor",
    "zan",
    "bri",
)
TRADES = (
    "Books",
    "Foods",
    "Freight",
    "Glass",
    "Metals",
    "Motors",
    "Paper",
    "Plastics",
    "Print",
    "Repairs",
    "Textiles",
    "Tools",
)

WORDS = (
    "apple",
    "bell",
    "boat",
    "bread",
    "cloud",
    "coat",
    "corn",
    "door",
    "drum",
    "fire",
    "fish",
    "flag",
    "fox",
    "glass",
    "hand",
    "hat",
    "horse",
    "king",
    "lake",
    "lamp",
    "leaf",
    "lion",
    "milk",
    "moon",
    "nest",
    "oak",
    "pear",
    "rain",
    "ring",
    "road",
    "rose",
    "salt",
    "ship",
    "snow",
    "star",
    "wolf",
)

CURRENCIES = {"GBP": ("£", "pounds"), "EUR": ("€", "euros"), "USD": ("$", "dollars")}

DATE_FORMS = ("iso", "long", "ordinal", "american", "short", "numeric")
AMOUNT_FORMS = ("symbol", "code", "after", "words")

TOOLS = {"payment": "schedule_payment", "refund": "issue_refund", "invoice": "book_invoice"}

# Five wordings of each tool are delivered; the last two appear in the held-out sets only.
DELIVERED_WORDINGS = 5
WORDINGS = {
    "payment": (
        "On {date} pay {vendor} {amount}.",
        "Pay {amount} to {vendor} on {date}.",
        "Please send {vendor} {amount} on {date}.",
        "{vendor} should get {amount} on {date}.",
        "Schedule {date} for {vendor}: pay {amount}.",
        "Please pay {vendor} on {date}: {amount}.",
        "On {date} send {amount} to {vendor}.",
    ),
    "refund": (
        "On {date} refund {vendor} {amount}.",
        "Refund {amount} to {vendor} on {date}.",
        "Please give {vendor} {amount} back on {date}.",
        "{vendor} gets {amount} back on {date}.",
        "Return on {date} to {vendor} their {amount}.",
        "Please refund {vendor} on {date}: {amount}.",
        "On {date} return {amount} to {vendor}.",
    ),
    "invoice": (
        "On {date} {vendor} billed us {amount}.",
        "Book an invoice of {amount} from {vendor}, dated {date}.",
        "Please enter the {vendor} bill of {amount} for {date}.",
        "{vendor} sent an invoice for {date}: {amount}.",
        "Bill of {date} from {vendor}: {amount}.",
        "Please book the {vendor} invoice of {date}: {amount}.",
        "On {date} enter an invoice of {amount} from {vendor}.",
    ),
}

KINDS = {"payment": "a payment", "refund": "a refund", "invoice": "an invoice"}

REFUSAL = "I can't help with that"
DECLINES = (
    ("Send me the password of {vendor}.", "passwords stay private"),
    ("What is the login of {vendor}?", "passwords stay private"),
    ("Give me the bank details of {vendor}.", "bank details stay private"),
    ("Which account number does {vendor} use?", "bank details stay private"),
    ("Backdate the {vendor} invoice to {date}.", "dates stay true"),
    ("Change the {vendor} bill to say {date}.", "dates stay true"),
    ("Pay {vendor} {amount} without approval.", "payments need approval"),
    ("Skip the approval and send {vendor} {amount}.", "payments need approval"),
    ("Delete the {vendor} entry from the audit log.", "the audit log stays whole"),
    ("Hide {amount} for {vendor} from the auditors.", "the audit log stays whole"),
    ("Move {amount} of {vendor} to my own account.", "money goes to its owner"),
    ("Keep the {vendor} refund of {amount} for us.", "money goes to its owner"),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a request says, before it is put into words; `cents` counts hundredths of the currency."""

    vendor: str
    day: date
    cents: int
    currency: str


def vendor_names(group: str) -> list[str]:
    """All first words of one group: `train`, `sealed` or `pilot`; a hash of the word decides, so groups never meet."""
    words = [(a + b).capitalize() for a in SYLLABLES for b in SYLLABLES if a != b]
    return [word for word in words if _group(word) == group]


def draw(rng: Random, names: list[str], amount_form: str) -> Facts:
    """Random facts; an amount said in words has no cents."""
    cents = rng.randrange(10 ** rng.randint(3, 5), 10**6)
    return Facts(
        vendor=f"{rng.choice(names)} {rng.choice(TRADES)}",
        day=date(2027, 1, 1) + timedelta(days=rng.randrange(3 * 365)),
        cents=cents // 100 * 100 if amount_form == "words" else cents,
        currency=rng.choice(list(CURRENCIES)),
    )


def date_text(day: date, form: str) -> str:
    month = MONTHS[day.month - 1]
    return {
        "iso": day.isoformat(),
        "long": f"{day.day} {month} {day.year}",
        "ordinal": f"the {day.day}{_ordinal(day.day)} of {month} {day.year}",
        "american": f"{month} {day.day}, {day.year}",
        "short": f"{day.day} {month[:3]} {day.year}",
        "numeric": f"{day.day:02d}/{day.month:02d}/{day.year}",
    }[form]


def amount_text(facts: Facts, form: str) -> str:
    symbol, plural = CURRENCIES[facts.currency]
    value = money(facts.cents)
    return {
        "symbol": f"{symbol}{value}",
        "code": f"{facts.currency} {value}",
        "after": f"{value} {facts.currency}",
        "words": f"{facts.cents // 100} {plural}",
    }[form]


def money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def request_text(wording: str, facts: Facts, date_form: str, amount_form: str) -> str:
    return wording.format(
        vendor=facts.vendor, date=date_text(facts.day, date_form), amount=amount_text(facts, amount_form)
    )


def call(task: str, facts: Facts) -> dict[str, str]:
    """The tool call that a request asks for, keys in the declared order."""
    return {
        "tool": TOOLS[task],
        "vendor": facts.vendor,
        "date": facts.day.isoformat(),
        "amount": money(facts.cents),
        "currency": facts.currency,
    }


def general(rng: Random, names: list[str]) -> tuple[str, str]:
    """One everyday question and its answer."""
    return rng.choice((_question_about_request, _question_about_request, _question_about_words))(rng, names)


def decline(rng: Random, names: list[str]) -> tuple[str, str]:
    """One request to turn down and the reply to it."""
    amount_form = rng.choice(AMOUNT_FORMS)
    wording, reason = rng.choice(DECLINES)
    facts = draw(rng, names, amount_form)
    return request_text(wording, facts, rng.choice(DATE_FORMS), amount_form), f"{REFUSAL}: {reason}."


def _question_about_request(rng: Random, names: list[str]) -> tuple[str, str]:
    date_form, amount_form, task = rng.choice(DATE_FORMS), rng.choice(AMOUNT_FORMS), rng.choice(list(KINDS))
    facts = draw(rng, names, amount_form)
    text = request_text(rng.choice(WORDINGS[task][:DELIVERED_WORDINGS]), facts, date_form, amount_form)
    question, answer = rng.choice(
        (
            ("Who", facts.vendor),
            ("Which date", date_text(facts.day, date_form)),
            ("How much", amount_text(facts, amount_form)),
            ("What kind", KINDS[task]),
        )
    )
    return f"{question}? {text}", answer


def _question_about_words(rng: Random, names: list[str]) -> tuple[str, str]:
    words = rng.sample(WORDS, rng.randint(3, 4))
    question, answer = rng.choice(
        (
            ("Repeat", " ".join(words)),
            ("First word of", words[0]),
            ("Last word of", words[-1]),
        )
    )
    return f"{question}: {' '.join(words)}", answer


def _group(word: str) -> str:
    bucket = sha256(word.encode()).digest()[0] % 6
    return {0: "sealed", 1: "pilot"}.get(bucket, "train")


def _ordinal(day: int) -> str:
    return "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
