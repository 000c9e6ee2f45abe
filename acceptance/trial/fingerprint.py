"""A job in; for each of its runs a digest of all that determines the outcome, the key of the store."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from acceptance.scores import BASE
from acceptance.trial import recipe
from acceptance.trial.store import key
from acceptance.trial.together import processes
from acceptance.trial.worker import Job, Task
from spec_lang.contract import canonical

PACKAGES = ("torch", "transformers", "tokenizers", "accelerate", "lm_eval")
ADAPTERS = ("peft",)
"""What computes only where the recipe trains an adapter."""


def fingerprints(job: Job, tasks: Iterable[Task]) -> Iterator[str]:
    """For each task the digest of all that determines its outcome."""
    used = PACKAGES + (ADAPTERS if job.recipe.adapter is not None else ())
    files = {"template": job.recipe.template, "tokenizer": job.recipe.tokenizer}
    several = {"processes": processes()} if processes() > 1 else {}  # sums are then rounded otherwise
    common = {
        "recipe": job.recipe.model_dump(mode="json"),
        "files": {name: recipe.file_sha256(job.folder / path) for name, path in files.items()},
        "base": recipe.resolve(job.recipe, job.folder).files_sha256,
        "suites": {name: suite_sha256(job, name, items) for name, items in job.suites.items()},
        "scorer": job.scorer,
        "device": device(),
        "packages": {name: metadata.version(name) for name in used},
        "code": code_sha256(),
    }
    for arm, seed in tasks:
        yield key(arm=job.arms[arm].under(seed).sha256() if arm in job.arms else BASE, seed=seed, **common, **several)


def device() -> str:
    """The GPU, or the kind of processor."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else f"cpu {platform.machine()}"


def suite_sha256(job: Job, name: str, items: Sequence[dict[str, Any]]) -> str:
    """Over the held-out set's declaration, its template, and its items."""
    heldout = job.contract.heldout(name)
    digest = hashlib.sha256(canonical(heldout.model_dump(mode="json")))
    if heldout.template:
        digest.update(recipe.file_sha256(job.folder / heldout.template).encode())
    for item in items:
        digest.update(json.dumps(item, sort_keys=True, default=str).encode() + b"\n")
    return digest.hexdigest()


def code_sha256() -> str:
    """Over our own sources that training, rendering and scoring run through: another version computes anew."""
    home = Path(__file__).parent.parent
    rooms = ("trial", "rendering", "measures", "engine", "execution", "values", "text", "fields")
    sources = [source for room in rooms for source in (home / room).glob("*.py")]
    return hashlib.sha256("".join(sorted(map(recipe.file_sha256, sources))).encode()).hexdigest()
