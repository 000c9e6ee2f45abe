"""Defects of tools, calls, results and outcomes."""

from harness import Plant, Record
from run_planting import (
    ANSWER,
    CALL,
    RESULT,
    answer,
    defect,
    final,
    function,
    in_answer,
    messages,
    one,
    plain,
    prose,
    put,
    tool,
    turn,
    without,
)

ENDLESS = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}


def twice(record: Record) -> None:
    """Two calls under one id, in one turn, and both results."""
    call = messages(record)[2]["tool_calls"][0]
    messages(record)[2]["tool_calls"].append(call)
    messages(record).insert(4, dict(messages(record)[3]))


def crossed(record: Record) -> None:
    """The results of both calls change places."""
    first, second = messages(record)[3], messages(record)[5]
    first["tool_call_id"], second["tool_call_id"] = second["tool_call_id"], first["tool_call_id"]


def other_run(record: Record) -> None:
    """The reference of another run, told to the person as if it were this one's."""
    answer(lambda text: text.replace(record["run"]["booking"], "KQ-0007"))(record)
    record["run"]["booking"] = "KQ-0007"


OUTCOME = "$.run.outcome, $.run.checks"
TRAINED = ("training.",)
MARK, END = "{%- generation -%}", "{%- endgeneration -%}"
OTHERS = "<|{{ turn.role }}|>{{ turn.content }}<|end|>"


CALLS: tuple[Plant, ...] = (
    # Tools, calls, results
    defect(
        "arguments as object",
        "dialogue.calls",
        one(function(arguments={"city": "Oslo", "day": 3}), prose),
        f"{CALL}.function.arguments",
        ("Run.target.messages", "training."),
    ),
    defect(
        "arguments are no JSON",
        "dialogue.calls",
        one(function(arguments="{'city': 'Oslo', 'day': 3}"), prose),
        f"{CALL}.function.arguments",
    ),
    defect(
        "arguments twice encoded",
        "dialogue.calls",
        one(function(arguments='"{\\"city\\": \\"Oslo\\", \\"day\\": 3}"'), prose),
        f"{CALL}.function.arguments",
        ("Run.target.messages",),
    ),
    defect(
        "required argument missing",
        "dialogue.calls",
        one(function(arguments='{"city": "Oslo"}'), prose),
        f"{CALL}.function.arguments",
    ),
    defect(
        "argument out of range",
        "dialogue.calls",
        one(function(arguments='{"city": "Oslo", "day": 40}'), prose),
        f"{CALL}.function.arguments.day",
    ),
    defect(
        "list where a number goes",
        "dialogue.calls",
        one(function(arguments='{"city": "Oslo", "day": [1, 3]}'), prose),
        f"{CALL}.function.arguments.day",
    ),
    defect(
        "argument invented",
        "dialogue.calls",
        one(function(arguments='{"city": "Oslo", "day": 3, "vip": true}'), prose),
        f"{CALL}.function.arguments.vip",
    ),
    defect(
        "NaN in arguments",
        "dialogue.calls",
        one(function(arguments='{"city": "Oslo", "day": NaN}'), prose),
        f"{CALL}.function.arguments",
    ),
    defect(
        "key twice in arguments",
        "dialogue.calls",
        one(function(arguments='{"city": "Oslo", "day": 3, "day": 4}'), prose),
        f"{CALL}.function.arguments",
    ),
    defect(
        "a type of Python's",
        "dialogue.tools",
        one(tool(lambda t: t["parameters"]["properties"].update(day={"type": "float"})), prose),
        "$.input.tools[0].parameters",
        ("dialogue.calls",),
    ),
    defect(
        "type tuple deep inside",
        "dialogue.tools",
        one(
            tool(lambda t: t["parameters"]["properties"].update(dates={"type": "array", "items": {"type": "tuple"}})),
            prose,
        ),
        "$.input.tools[0].parameters",
        ("dialogue.calls",),
    ),
    defect(
        "schema that refers in a circle",
        "dialogue.calls",
        one(tool(lambda t: t["parameters"].update(ENDLESS)), prose),
        f"{CALL}.function.arguments",
    ),
    defect(
        "schema with a pattern without end",
        "dialogue.tools",
        one(
            tool(
                lambda t: t["parameters"]["properties"].update(city={"type": "string", "pattern": "(a{0,999}){0,999}$"})
            ),
            prose,
        ),
        "$.input.tools[0].parameters",
        ("dialogue.calls",),
    ),
    defect(
        "two tools of one name",
        "dialogue.tools",
        one(
            lambda record: record["input"].update(tools=[*record["input"]["tools"], record["input"]["tools"][0]]), prose
        ),
        "$.input.tools[2].name",
    ),
    defect(
        "two calls under one id",
        "dialogue.paired",
        one(twice, plain),
        "$.target.messages[2].tool_calls[1].id",
        ("dialogue.in_order",),
    ),
    defect("results change places", "dialogue.paired", one(crossed, plain), "$.target.messages[3]"),
    defect(
        "result in the answer, tagged",
        "quality.no_artefacts",
        in_answer('<tool_response>{"free": 2}</tool_response>'),
        ANSWER,
        ("quality.finished",),
    ),
    defect(
        "result in the answer, told",
        "quality.no_artefacts",
        in_answer('\nFunction returned: {"free": 2, "price": 80}\nSo two are free.'),
        ANSWER,
    ),
    defect(
        "result in the answer, as a log",
        "quality.no_artefacts",
        in_answer("\nTool result: 2 offers found\nSo two are free."),
        ANSWER,
    ),
    defect(
        "failed check sold as booked",
        "outcome.verified",
        one(lambda record: record["run"]["checks"][1].update(result="failed"), plain),
        OUTCOME,
    ),
    defect(
        "checks left out",
        "outcome.verified",
        one(lambda record: record["run"]["checks"][0].update(result="skipped"), plain),
        OUTCOME,
    ),
    defect("no check at all", "Run.run.checks", one(put("run", checks=[]), plain), "$.run.checks"),
    defect("reference of another run", "outcome.own_result", one(other_run, plain), "$.run.booking, $.target.messages"),
    defect(
        "answer of another run",
        "outcome.told",
        one(answer(lambda text: "Your reference is MV-4711. You pay when you arrive at the desk."), plain),
        "$.run.booking, $.target.messages",
    ),
    defect(
        "look at all branches",
        "dialogue.no_peeking",
        one(turn(3, content="$ git log --branches --oneline | head"), prose),
        RESULT,
        ("outcome.own_result",),
    ),
    defect(
        "look at the diff of a pull request",
        "dialogue.no_peeking",
        one(turn(3, content="wget -qO- https://patch-diff.githubusercontent.com/raw/acme/rail/pull/81.diff"), prose),
        RESULT,
    ),
    defect(
        "look at the main branch",
        "dialogue.no_peeking",
        one(turn(3, content="curl -s https://raw.githubusercontent.com/acme/rail/main/rail/fares.py"), prose),
        RESULT,
    ),
    defect(
        "look through the command line of a host",
        "dialogue.no_peeking",
        one(turn(3, content="gh api repos/acme/rail/pulls/81/files"), prose),
        RESULT,
    ),
    defect(
        "look at a newer release",
        "dialogue.no_peeking",
        one(turn(3, content="pip download rail==9.9.9 --no-deps && unzip rail-9.9.9.whl"), prose),
        RESULT,
    ),
    defect(
        "a turn by a person",
        "outcome.by_itself",
        one(turn(-1, by="person"), lambda r: plain(r) and not r["run"]["interventions"]),
        "$.target.messages, $.run.interventions",
    ),
    defect(
        "interventions left out",
        "Run.run.interventions",
        one(without("run", "interventions"), plain),
        "$.run.interventions",
        ("outcome.by_itself",),
    ),
    defect(
        "stopped by the limit of length",
        "Run.target.messages",
        final(turn(-1, finish="length")),
        "$.target.messages[6].finish",
    ),
)
