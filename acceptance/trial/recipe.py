"""A contract's recipe in; the base model loaded from local safetensors, and digests of weights, out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, GenerationConfig, PreTrainedModel

from acceptance.rendering import Renderer
from acceptance.trial.checkpoint import tensors_sha256
from acceptance.trial.errors import TrialError
from spec_lang.contract import Recipe


@dataclass(frozen=True, slots=True)
class Base:
    """The base model on disk, checked: local, safetensors, no code of its own."""

    folder: Path
    files_sha256: str
    """Over the names and digests of the weight files and the configuration."""
    positions: int
    """The longest text that the model takes, in tokens."""


def resolve(recipe: Recipe, folder: Path) -> Base:
    """Raises TrialError where the base cannot be used."""
    base = (folder / recipe.base).resolve()
    if not base.is_relative_to(folder.resolve()):
        raise TrialError(f"the base `{recipe.base}` lies outside the contract's folder; put it beside the contract")
    config = configuration(base, recipe.base)
    weights = sorted(base.glob("*.safetensors"))
    if not weights:
        raise TrialError(f"the base `{recipe.base}` has no *.safetensors file; other formats can run code when loaded")
    lines = [f"{path.name} {file_sha256(path)}" for path in [base / "config.json", *weights]]
    positions = int(config.get("max_position_embeddings") or config.get("n_positions") or recipe.max_length)
    return Base(base, hashlib.sha256("\n".join(lines).encode()).hexdigest(), positions)


def configuration(base: Path, name: str) -> dict[str, Any]:
    try:
        config = json.loads((base / "config.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise TrialError(f"the base `{name}` has no readable config.json; name a folder of a saved model") from error
    if not isinstance(config, dict) or "auto_map" in config:
        raise TrialError(f"the base `{name}` brings its own code (`auto_map` in config.json); it is not run")
    return config


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load(base: Base, recipe: Recipe, renderer: Renderer) -> PreTrainedModel:
    """The base in fp32. Raises TrialError where it cannot be loaded or does not belong to the tokenizer."""
    try:
        model = AutoModelForCausalLM.from_pretrained(
            base.folder, local_files_only=True, use_safetensors=True, trust_remote_code=False, dtype=torch.float32
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise TrialError(f"the base `{recipe.base}` cannot be loaded: {str(error)[:300]}") from error
    assert isinstance(model, PreTrainedModel)
    belongs(model, recipe, renderer)
    # The base's own habits of generation (a length, a temperature) would override the recipe's.
    ends = {"eos_token_id": renderer.end_id, "pad_token_id": renderer.end_id}
    model.generation_config = GenerationConfig(do_sample=False, **ends)  # type: ignore[no-untyped-call]
    return model


def belongs(model: PreTrainedModel, recipe: Recipe, renderer: Renderer) -> None:
    """The tokenizer's ids must be rows of the embedding, and the base's own tokenizer must not be another one."""
    embedding: Any = model.get_input_embeddings()
    rows, ids = embedding.weight.shape[0], renderer.tokens.size()
    if ids > rows:
        raise TrialError(f"{recipe.tokenizer} has {ids:,} entries, but `{recipe.base}` embeds {rows:,}: they do not "
                         "belong together")  # fmt: skip
    own = Path(str(model.config.name_or_path)) / "tokenizer.json"
    if own.is_file() and own.read_bytes() != renderer.tokens.path.read_bytes():
        raise TrialError(f"{recipe.tokenizer} is not the tokenizer.json of `{recipe.base}`; name that one instead")


def weights_sha256(model: torch.nn.Module) -> str:
    """sha256 over all tensors of the model."""
    return tensors_sha256(model.state_dict().items())


def deterministic(threads: int) -> None:
    """Settings under which the same seed gives the same weights on one kind of machine."""
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    torch.set_float32_matmul_precision("highest")
    torch.backends.cuda.enable_flash_sdp(False)
    torch.backends.cuda.enable_mem_efficient_sdp(False)
    torch.backends.cuda.enable_cudnn_sdp(False)
