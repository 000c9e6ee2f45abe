"""A call's written arguments to the parameters of its measure, defaults filled in."""

from __future__ import annotations

from spec_lang import syntax as s
from spec_lang.signatures import Parameter, Signature
from spec_lang.symbols import Report

Bound = list[tuple[Parameter, s.Expr | str]]


def bind(signature: Signature, call: s.Call, report: Report) -> tuple[Bound, bool]:
    """Each parameter with what was written for it, in the signature's order; a str is the default. False: reported."""
    whole = True
    given: dict[str, list[s.Expr]] = {}
    positional = list(signature.parameters)
    for argument in call.args:
        parameter = _labelled(signature, argument, report) if argument.label else _next(positional)
        if parameter is None:
            if argument.label is None:
                _too_many(signature, argument, report)
            whole = False
            continue
        if argument.label is not None:
            report.means(argument.label.span, "argument", f"{signature.name}.{parameter.name}")
        if not parameter.variadic and parameter.name in given:
            word = argument.label.span if argument.label else argument.span
            report.error("SFT3005", f"`{parameter.name}` is given twice", word, help="keep one")
            whole = False
            continue
        given.setdefault(parameter.name, []).append(argument.value)
        if parameter in positional and not parameter.variadic:
            positional.remove(parameter)
    bound, missing = _complete(signature, given)
    if missing and whole:
        names = " and ".join(f"`{name}`" for name in missing)
        help = f"write it like this: `{usage(signature)}`"
        report.error("SFT3006", f"`{signature.name}` needs {names}", call.span, "not given here", help=help)
    return bound, whole and not missing


def _next(positional: list[Parameter]) -> Parameter | None:
    return positional[0] if positional else None


def _labelled(signature: Signature, argument: s.Argument, report: Report) -> Parameter | None:
    assert argument.label is not None
    parameter = signature.parameter(argument.label.text)
    if parameter is None:
        names = [item.name for item in signature.parameters]
        message = f"`{signature.name}` has no argument `{argument.label.text}`"
        help = f"write it like this: `{usage(signature)}`"
        report.error("SFT3005", message, argument.label.span, help=help, known=names)
    return parameter


def _too_many(signature: Signature, argument: s.Argument, report: Report) -> None:
    help = f"write it like this: `{usage(signature)}`"
    report.error("SFT3005", f"`{signature.name}` takes no further argument", argument.span, help=help)


def _complete(signature: Signature, given: dict[str, list[s.Expr]]) -> tuple[Bound, list[str]]:
    """What was given and the defaults; and what is missing."""
    bound: Bound = []
    missing = []
    for parameter in signature.parameters:
        if parameter.name in given:
            bound += [(parameter, value) for value in given[parameter.name]]
        elif parameter.default is not None:
            bound.append((parameter, parameter.default))
        else:
            missing.append(parameter.name)
    return bound, missing


def usage(signature: Signature) -> str:
    """The measure as one would write it: `near_duplicate(fields, shingle: 5 words, similarity: 0.8)`; no defaults."""
    parts = []
    for parameter in (item for item in signature.parameters if item.default is None):
        plain = parameter.row or parameter.variadic or parameter.sort == ("heldout",)
        parts.append(parameter.name if plain else f"{parameter.name}: {_sample(parameter)}")
    return f"{signature.name}({', '.join(parts)})"


def _sample(parameter: Parameter) -> str:
    samples = {
        "words": "5 words", "%": "50%", "Number": "0.8", "Text": '"rubric.md"', "Pattern": 'r"[0-9]+"',
        "Set": "{ 50%, 100% }",
    }  # fmt: skip
    if len(parameter.sort) > 1:
        return " | ".join(parameter.sort)
    return samples.get(parameter.sort[0], parameter.sort[0])
