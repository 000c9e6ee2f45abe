"""A number of lines to a sound contract of about that length: one record for many desks, each with its own terms."""

from __future__ import annotations

from random import Random

FIELDS = ("billing", "claims", "freight", "payroll", "tax", "travel", "energy", "lending", "grants", "housing")
DESKS = ("intake", "disputes", "renewals", "audits", "appeals", "returns", "forecasts", "archive")
ACTS = (
    "open", "close", "amend", "refund", "escalate", "verify", "reschedule", "translate", "summarise", "compare",
    "approve", "reject", "notify", "correct", "split", "merge", "forward", "hold", "release", "explain",
)  # fmt: skip
TONES = ("plain", "formal", "warm", "brief", "legal", "technical", "apologetic", "neutral", "urgent", "detailed")
THINGS = ("account", "letter", "invoice", "ticket", "permit", "policy", "order", "meter", "ledger", "parcel", "case")
PLACES = ("Lisbon", "Leeds", "Turin", "Ghent", "Malmö", "Porto", "Graz", "Bilbao", "Cork", "Brno", "Tampere")

HEAD = """\
sftspec 1

contract service_desks "Requests to {desks} service desks, each with its own wording, limits and tests" {{
  version: "3.{desks}.0"
  buyer: "Harbour Ledger Ltd"
  vendor: "Meridian Data Works"
  effective: 2026-12-01
  due: 2027-06-30
  volume: 90_000..110_000 records in 10 lots
  attempts: 2
}}

use std.chat

type Signature "Who put a name under an answer, and when" {{
  signer: Text 2..80 chars
  signed_at: Date
  remark: Text?
}}

table Expert from "people/experts.jsonl" key id {{
  id: Text matching r"^EX-[0-9]{{4}}$"
  credential: clerk | adjuster | auditor | lawyer
  valid_from: Date
  valid_until: Date?
  languages: [Lang] 1..
}}
"""

RECORD = """\
record Answer key id {{
  id: Text matching r"^SD-[0-9]{{8}}$"

  input {{
    request: Text 8..4_000 chars
    turns: [chat.Message] 1..40
    language: Lang
{inputs}  }}
  target {{
    reply: Text 1..8_000 chars
    signature: Signature?
{targets}  }}
  source {{
    origin: human | synthetic | licensed
    author: ref Expert
    reviewer: ref Expert
    written_at: Date
    generator: Text?
  }}
  training {{
    split: train | validation
    weight: Number 0..4 = 1
  }}
  governance {{
    license: License
    privacy: none | pseudonymised
    retain_until: Date
    limitations: Text
  }}

  require four_eyes "Nobody reviews their own work": source.reviewer != source.author otherwise drop record
}}

recipe house for Answer {{
  base: "models/base"
  tokenizer: "models/base/tokenizer.json"
  template: "answer.jinja"
  max_length: 4_096 tokens
  steps: 4_000
  batch: 16
  learning_rate: 0.0015
  max_new_tokens: 512 tokens
  seeds: 10
}}

terms provenance on Answer {{
  require mostly_human: share(source.origin == human) >= 70%
  require generator_named:
    every(source.origin == synthetic implies present(source.generator))
    otherwise drop record
  require licences: every(governance.license in {{ "MIT", "Apache-2.0" }}) otherwise drop record
  require no_copies: no(duplicate(input.request, target.reply, normalise: text)) otherwise drop record
  require no_secrets: no(has_secret()) otherwise reject lot
  require mask: every(mask_as_declared(by: house))
  require whole: no(target_truncated(by: house)) otherwise drop record
}}

heldout general "What the model could do before" {{
  lm_eval: "hellaswag"
  task_version: "1.0"
  harness: "0.4.13"
  metric: "acc_norm,none"
  data: "public/hellaswag"
  size: 10_042 records
}}

terms retained on Answer using house {{
  require still_general: gain(general) >= -3pp at 95% confidence expecting 0pp
}}
"""

DESK = """\

# The desk for {field} {desk} in {place}.

enum {title}Act {{
{acts}}}

enum {title}Tone {{ {tones} }}

type {title}File "What {place} keeps of one {thing}" {{
  {thing}_number: Text matching r"^{code}-[0-9]{{{digits}}}$"
  opened: Date
  pages: Int 1..{pages}
  fee: Number 0..{fee}
  stamps: [Text] 0..{stamps}
  next: {title}File?
}}

table {title}Reading from "readings/{name}.csv" "Second readings of the {desk} label" {{
  answer: ref Answer
  rater: ref Expert
  act: {title}Act
  minutes: Int 0..{minutes}
}}

terms {name} on Answer {{
  require {thing}_named "An answer about a {thing} names it":
    every(input.{name}.act == {first} implies mentions(target.reply, input.{name}.file.{thing}_number))
    otherwise drop record
  require {name}_pages: share(input.{name}.file.pages <= {some_pages}) >= {pages_share}%
  require {name}_fee: p99(input.{name}.file.fee) <= {most_fee}
  require {name}_length: p95(chars(target.{name}.note)) <= {chars} chars
  advise {name}_stamped:
    share(size(input.{name}.file.stamps) >= 1 and input.{name}.urgent) >= {stamped}%
  require {name}_in_term: every(input.{name}.file.opened in 20{year}-01-01..2026-{month}-28)
  require {name}_agreement:
    krippendorff_alpha({title}Reading.act, metric: nominal, unit: {title}Reading.answer, rater: {title}Reading.rater)
    >= 0.{alpha}
  require {name}_no_leak:
    no(overlaps({name}_exam, fields: input_text, fragment: {fragment} words, rewrite: {rewrite}%))
    otherwise drop record
  report {name}_urgent: share(input.{name}.urgent)
}}

mixture {name}_mix on Answer by records {{
  input.{name}.act: {first} {share}% +- {off}pp, {second} >= {least}%, {third} rest
  target.{name}.tone: {tone} {low}%..{high}%, {other_tone} <= {most}%
}}

heldout {name}_exam of Answer "{field} {desk}: requests from {place} that nobody has trained on" {{
  items: "sealed/{name}.jsonl"
  score: exact_match(answer, target.{name}.note)
  size: {size} records in {clusters} clusters by input.{name}.file.{thing}_number
}}

terms {name}_trial on Answer using house {{
  require {name}_gain: gain({name}_exam) >= {margin}pp at 95% confidence expecting {expecting}pp
  report {name}_tokens: p90(tokens(target.{name}.note, by: house))
}}
"""

PAYMENT = """\

payment in EUR {
  price: 18.50 per record where source.origin == human
  price: 6.00 per record where source.origin == synthetic
  hold: 20% until certified or 30 days
  rework: 10 days, 2 rounds
}
"""


def contract(lines: int) -> str:
    """The shortest sound contract of this family with at least `lines` lines. The same number gives the same text."""
    count = 1
    while (text := _contract(count)).count("\n") < lines:
        count += 1
    return text


def _contract(count: int) -> str:
    desks = [_desk(number) for number in range(count)]
    inputs, targets = "".join(_inputs(desk) for desk in desks), "".join(_targets(desk) for desk in desks)
    blocks = "".join(DESK.format(**desk) for desk in desks)
    return HEAD.format(desks=count) + blocks + "\n" + RECORD.format(inputs=inputs, targets=targets) + PAYMENT


def _desk(number: int) -> dict[str, object]:
    """The words and numbers of one desk."""
    draw = Random(number)
    round_, rest = divmod(number, len(FIELDS) * len(DESKS))
    field, desk = FIELDS[rest % len(FIELDS)], DESKS[rest // len(FIELDS)]
    name = f"{field}_{desk}" + (f"_{round_ + 1}" if round_ else "")
    acts = draw.sample(ACTS, 6)
    tones = draw.sample(TONES, 4)
    place, thing = draw.choice(PLACES), draw.choice(THINGS)
    share, low = draw.randint(30, 50), draw.randint(10, 30)
    return {
        "field": field, "desk": desk, "name": name, "title": "".join(part.title() for part in name.split("_")),
        "place": place, "thing": thing, "code": thing[:2].upper(), "digits": draw.randint(4, 9),
        "acts": "".join(f'  {act} "To {act} a {thing}, as {place} does it"\n' for act in acts),
        "first": acts[0], "second": acts[1], "third": acts[2],
        "tones": " ".join(tones), "tone": tones[0], "other_tone": tones[1],
        "pages": draw.randint(20, 400), "some_pages": draw.randint(5, 19), "pages_share": draw.randint(50, 95),
        "fee": draw.randint(500, 9_000), "most_fee": draw.randint(100, 499), "stamps": draw.randint(3, 12),
        "minutes": draw.randint(30, 240), "chars": draw.randint(200, 900), "stamped": draw.randint(5, 40),
        "year": draw.randint(18, 25), "month": f"{draw.randint(1, 12):02}", "alpha": draw.randint(65, 89),
        "fragment": draw.randint(9, 15), "rewrite": draw.randint(50, 95),
        "share": share, "off": draw.randint(2, 6), "least": draw.randint(5, 25),
        "low": low, "high": low + draw.randint(10, 40), "most": draw.randint(20, 60),
        "size": draw.randint(800, 1_600), "clusters": draw.randint(160, 320),
        "margin": draw.randint(2, 5), "expecting": draw.randint(12, 20),
    }  # fmt: skip


def _inputs(desk: dict[str, object]) -> str:
    return (
        "    {name} {{\n      act: {title}Act\n      file: {title}File\n      urgent: Bool\n    }}\n".format(**desk)
    )  # fmt: skip


def _targets(desk: dict[str, object]) -> str:
    return (
        "    {name} {{\n      tone: {title}Tone\n      note: Text 1..{chars} chars\n"
        '      summary: Text? "In the words of {place}"\n    }}\n'
    ).format(**desk)
