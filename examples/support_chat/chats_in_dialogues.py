"""Defects of dialogues: roles and their order, tools, calls and results."""

from chat_planting import ANSWER, CALL, again, answer, called, calls, defect, insert, messages, one, plain, result, tool
from harness import Plant

DIALOGUES: tuple[Plant, ...] = (
    # Roles
    defect(
        "role alias",
        "Chat.target.messages",
        one(lambda r: messages(r)[-1].update(role="gpt"), plain),
        "$.target.messages[2].role",
        ("dialogue.in_order", "training."),
    ),
    defect("two users in a row", "dialogue.in_order", one(insert(1, "user"), calls), "$.target.messages[1]"),
    defect(
        "assistant first",
        "dialogue.in_order",
        one(insert(0, "assistant"), calls),
        "$.target.messages[0]",
        ("quality.format",),
    ),
    defect(
        "no final answer",
        "dialogue.in_order",
        one(lambda r: messages(r).append({"role": "user", "content": "And then?"}), plain),
        "$.target.messages[3]",
    ),
    defect("system message inside", "dialogue.in_order", one(insert(2, "system"), plain), "$.target.messages[2]"),
    defect(
        "no user at all",
        "dialogue.in_order",
        one(lambda r: messages(r).pop(1), plain),
        "$.target.messages[1]",
        ("Chat.target.messages",),
    ),
    defect(
        "typo key",
        "Chat.target.messages",
        one(lambda r: messages(r)[-1].update(contnet="x"), plain),
        "$.target.messages[2].contnet",
        ("training.mask",),
    ),
    defect(
        "content as object",
        "Chat.target.messages",
        one(lambda r: messages(r)[-1].update(content={"text": "x"}), plain),
        ANSWER,
        ("quality.evidence", "training.mask"),
    ),
    # Tools and calls
    defect(
        "schema is no JSON Schema",
        "dialogue.tools",
        one(tool(lambda t: t.update(parameters={"type": "dict"})), plain),
        "$.input.tools[0].parameters",
    ),
    defect(
        "schema reaches out",
        "dialogue.tools",
        one(tool(lambda t: t.update(parameters={"$ref": "https://schemas.example/x"})), plain),
        "$.input.tools[0].parameters",
    ),
    defect(
        "arguments violate the schema",
        "dialogue.calls",
        one(called(lambda c: c.update(arguments={"thing": ["router"]})), calls),
        f"{CALL}.arguments.thing",
    ),
    defect(
        "arguments as text",
        "dialogue.calls",
        one(called(lambda c: c.update(arguments='{"thing": "router"}')), calls),
        f"{CALL}.arguments",
    ),
    defect("tool not declared", "dialogue.calls", one(called(lambda c: c.update(name="look_down")), calls), CALL),
    defect("call id used twice", "dialogue.paired", one(again, calls), "$.target.messages[3].tool_calls[0].id"),
    defect(
        "result of another call",
        "dialogue.paired",
        one(result(lambda m: m.update(tool_call_id="call_x")), calls),
        "$.target.messages[2]",
    ),
    defect(
        "call without a result",
        "dialogue.paired",
        one(lambda r: messages(r).pop(2), calls),
        CALL,
        ("dialogue.in_order",),
    ),
    defect(
        "result without a call",
        "dialogue.paired",
        one(insert(2, "tool", "found: 1"), plain),
        "$.target.messages[2]",
        ("dialogue.in_order",),
    ),
    defect(
        "fabricated result",
        "quality.no_artefacts",
        one(answer(lambda t: f"I look.\nObservation: it is on.\n{t}"), plain),
        ANSWER,
    ),
    defect(
        "look ahead",
        "dialogue.no_peeking",
        one(called(lambda c: c.update(arguments={"thing": "git log --all --oneline"})), calls),
        f"{CALL}.arguments.thing",
    ),
)
