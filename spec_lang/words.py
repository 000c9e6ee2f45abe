"""The words of the language, each with its meaning in one sentence, for `explain` and for editors."""

from __future__ import annotations

import re
from functools import cache

from spec_lang.grammarfile import grammar

MEANINGS: dict[str, str] = {
    "sftspec": "The version of the language, before everything else.",
    "contract": "Who buys from whom, which version of the contract this is, when and how much is delivered.",
    "amends": "A house template that this contract completes; what stands here replaces what stands there.",
    "use": "The declarations of another file, of the library or of a plug-in, under a name of their own.",
    "as": "The name under which a used file's declarations stand here.",
    "enum": "A closed list of words, such as the values that a label may have.",
    "type": "A shape that fields may have; no rows of it are delivered on their own.",
    "table": "Rows that are delivered beside the records in a file of their own, such as people or ratings.",
    "record": "What is bought: one row of the delivery, with its fields and the clauses that hold for every row.",
    "terms": "Clauses about all rows of a table: shares, counts, quantiles, gains.",
    "mixture": "How the delivery divides over the words of a field; each entry becomes a clause.",
    "reference": "Other data that a delivery is compared with, trained on in the same way.",
    "recipe": "How a record becomes training text and how the trial fine-tunes on it.",
    "heldout": "A sealed set of items on which the trained model is examined.",
    "payment": "What is paid for an accepted delivery, what is held back, and what rework is allowed.",
    "waive": "A check that does not apply to this contract, with the reason in words.",
    "measure": "The signature of something that can be measured; the library declares measures, and so do plug-ins.",
    "from": "The file that holds the rows.",
    "key": "The field by which a row is known; no two rows share it.",
    "ref": "The key of a row in another table.",
    "matching": "The pattern that a text has, in RE2; in a reference, what makes two arms comparable.",
    "untrained": "The model reads it and never imitates it: no part of it may bear loss.",
    "within": "How far a reference may be off and still count as matched.",
    "on": "The table whose rows a block speaks of.",
    "by": "What is counted, what forms the clusters, or the field that tells the cases of a type apart.",
    "of": "The recipe whose tokens are counted, or the record that a held-out item has the shape of.",
    "for": "The record that a recipe trains on.",
    "using": "The recipe under which the block's trial clauses are decided.",
    "require": "A clause that has to be met; breaching it has the consequence written behind it.",
    "advise": "A clause that is decided and shown, without consequence.",
    "report": "A value that is measured and shown, without verdict.",
    "let": "A name for an expression, so that it is written once.",
    "any of": "One of several gains is enough; testing several is paid for by a stricter confidence (Holm).",
    "for each": "What a measure counts or sums within one row: a value of each entry of a list.",
    "otherwise": "What a breach leads to: `drop record` takes the rows out, `reject lot` sends the lot back.",
    "at": "How sure the verdict of an estimated clause has to be.",
    "confidence": "The share of trials in which the one-sided bound holds.",
    "expecting": "The effect that both sides plan for; the power of the trial is computed there.",
    "accepting": "The share of defects at which a delivery should pass, and how probably: the vendor's risk.",
    "each": "Binding for every lot by itself; in a mixture, every cell of a crossing.",
    "per": "What an amount is paid for: a record or a token.",
    "where": "The rows to which a price applies; the words with which a field is untrained.",
    "until": "The event that releases what is held back; `or` adds a latest day.",
    "implies": "Where the left statement holds, the right one must; elsewhere it says nothing.",
    "and": "Both statements hold.",
    "or": "One of the statements holds, or both; in `until`, the latest day.",
    "not": "The statement does not hold.",
    "all": "The statement holds for every entry of a list; for an empty one too.",
    "any": "The statement holds for one entry of a list or more.",
    "in": "The value is one of a set, lies in a range, ends included, or is an entry of a list.",
    "satisfies": "What is said of each entry of the list.",
    "true": "The statement that always holds.",
    "false": "The statement that never holds.",
    "row": "A measure of one row.",
    "aggregate": "A measure of all rows of a table.",
}

LABELS: dict[str, dict[str, str]] = {
    "contract": {
        "version": "The version of this contract; receipts and certificates cite it.",
        "buyer": "Who buys.",
        "vendor": "Who sells.",
        "keys": "The file with the parties' public keys.",
        "effective": "The day from which the contract holds; dates in the data are compared with it.",
        "due": "The day on which the last lot is due.",
        "volume": "How many accepted records are bought, and in how many lots they come.",
        "attempts": "How often the trial may be tried; each try is tested at its part of the error.",
    },
    "recipe": {
        "base": "The model that is fine-tuned, a folder pinned by the lock.",
        "tokenizer": "The tokenizer that counts and cuts the text.",
        "template": "The template that turns a record into text; `{% generation %}` marks what is trained.",
        "max_length": "The longest rendered record, in tokens.",
        "overflow": "What happens to a longer one: `refuse`, `drop` or `cut`.",
        "steps": "How many optimizer steps a fine-tune takes.",
        "batch": "How many records a step sees.",
        "optimizer": "The optimizer.",
        "learning_rate": "The highest learning rate.",
        "beta1": "The optimizer's decay of the mean of gradients.",
        "beta2": "The optimizer's decay of the mean of squared gradients.",
        "epsilon": "What the optimizer adds to the root of the mean of squared gradients.",
        "weight_decay": "How strongly weights are drawn towards zero.",
        "gradient_clip": "The norm beyond which gradients are scaled down.",
        "warmup": "The share of steps in which the learning rate rises.",
        "schedule": "How the learning rate falls afterwards.",
        "precision": "The precision of the training, `fp32` or `bf16`; answers are generated in fp32.",
        "micro_batch": "How many records of a batch are computed at a time; changes memory, not the result.",
        "packing": "Whether records share rows: `none`, or `isolated`, where they do not see each other.",
        "adapter": "What is trained: `none` for all weights, or `lora(...)` for a low-rank addition to some.",
        "max_new_tokens": "The longest answer that is generated in the examination, in tokens.",
        "eval_batch": "How many items are answered at a time.",
        "end_of_turn": "The token that ends an answer.",
        "seeds": "How many fine-tunes each arm gets; their spread is part of the verdict.",
    },
    "heldout": {
        "items": "The file with the sealed items; only the buyer has it.",
        "template": "The template of these items, if it is not the recipe's.",
        "score": "How one answer is scored: a statement or a number about `answer`.",
        "lm_eval": "A public task of lm-eval instead of sealed items.",
        "task_version": "The version of the public task, as lm-eval writes it.",
        "harness": "The version of lm-eval that asks and scores the public task.",
        "metric": "What scores an item of the public task, and its filter: `acc_norm,none`.",
        "data": "The folder with the public task's items, as `<split>.jsonl`.",
        "size": "How many items there are, and in how many clusters of items that belong together.",
    },
    "payment": {
        "price": "What one accepted record or token costs, if wanted only for some of them.",
        "hold": "The share held back, the event that releases it, and the latest day, if there is one.",
        "rework": "How long and how often the vendor may repair a delivery that was sent back.",
    },
}

TYPES: dict[str, str] = {
    "Text": "Any text; its length is bounded in `chars` or `words`.",
    "Int": "A whole number.",
    "Number": "A decimal number, read exactly as it is written.",
    "Bool": "`true` or `false`.",
    "Date": "A day, YYYY-MM-DD.",
    "Time": "A moment with its offset from UTC (RFC 3339).",
    "Duration": "A length of time (ISO 8601).",
    "Money": "An amount with its currency; `Money(USD)` takes one currency alone.",
    "Lang": "A language tag (BCP 47) in its canonical form, such as `en` or `pt-BR`.",
    "License": "An SPDX licence expression; `LicenseRef-` names are allowed.",
    "Url": "An absolute address.",
    "Sha256": "A SHA-256 digest, 64 hexadecimal digits.",
    "Json": "Any JSON value; `Json(Order)` is a text that holds an object of the type `Order`.",
    "File": 'A delivered file: its path, sha256, size and media type; `File("image/*")` takes images alone.',
}

UNITS: dict[str, str] = {
    "bytes": "Bytes of a file.",
    "%": "A share of a whole.",
    "pp": "Percentage points: the difference of two shares.",
    "chars": "Characters (Unicode code points).",
    "words": "Words, divided by white space.",
    "tokens": "Tokens of a recipe's tokenizer.",
    "records": "Rows of the delivery.",
    "lots": "Parts in which a delivery comes.",
    "clusters": "Groups of items that belong together and are not independent evidence.",
    "rounds": "How often something may be repeated.",
    "years": "Years.",
    "months": "Months.",
    "days": "Days.",
    "hours": "Hours.",
    "minutes": "Minutes.",
    "seconds": "Seconds.",
}

BLANKS = "[ \t]+"
RESERVED = re.compile(r"([a-z]+(?: [a-z]+)*)(?:\\b|\(\?=)")


@cache
def reserved() -> dict[str, str]:
    """The words that the grammar reserves, by the kind of their token: `ANY_OF` is `any of`."""
    found = {item.name: RESERVED.match(item.pattern.value.replace(BLANKS, " ")) for item in grammar().terminals}
    return {kind: match.group(1) for kind, match in found.items() if match is not None}
