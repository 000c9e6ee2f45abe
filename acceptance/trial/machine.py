"""A recipe and a base in; what trains it out: accelerator, optimizer, adapter. What this machine cannot do is refused.

The refusals come before the first step: bf16 without a device that computes it, an adapter without `peft` or with a
matrix that the base lacks, packing where the base lets records see each other.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import torch
from accelerate import Accelerator  # type: ignore[import-untyped]
from transformers import AutoModelForCausalLM, PreTrainedModel

from acceptance.errors import extra
from acceptance.trial.arms import Arm
from acceptance.trial.batch import packed, padded
from acceptance.trial.checkpoint import gathered
from acceptance.trial.errors import TrialError
from spec_lang.contract import Lora, Recipe

LEAK = 1e-3
"""Largest difference of a logit, packed and alone, that rounding explains in fp32."""


def fits(model: PreTrainedModel, arm: Arm, recipe: Recipe) -> None:
    """Raises TrialError where this machine cannot train this base as the recipe says."""
    if recipe.precision == "bf16" and not has_bf16():
        raise TrialError(f"recipe {recipe.name} trains in bf16, which this machine's {device()} does not compute; "
                         "write `precision: fp32`, or use a machine that does")  # fmt: skip
    if recipe.adapter is not None:
        matrices_are_there(model, recipe.adapter, recipe)
    if recipe.packing == "isolated":
        records_are_isolated(model, arm, recipe)


def device() -> str:
    return "GPU" if torch.cuda.is_available() else "processor"


def has_bf16() -> bool:
    """Whether the device itself computes in bf16; an emulation would be slow and round otherwise."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def matrices_are_there(model: PreTrainedModel, adapter: Lora, recipe: Recipe) -> None:
    if find_spec("peft") is None:
        raise TrialError(f"recipe {recipe.name} trains an adapter, which needs peft; {extra('trial')}")
    names = {name.rpartition(".")[2] for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)}
    unknown = [target for target in adapter.targets if target not in names]
    if unknown:
        listed = ", ".join(f"`{name}`" for name in unknown)
        raise TrialError(f"recipe {recipe.name} adapts {listed}, which the base does not have; its matrices are "
                         f"{', '.join(sorted(names))}")  # fmt: skip


def records_are_isolated(model: PreTrainedModel, arm: Arm, recipe: Recipe) -> None:
    """Two records in one row must give the logits that they give alone, whatever the base's attention is."""
    pair = sorted(arm.examples, key=lambda example: example.length)[:2]
    if len(pair) < 2 or sum(example.length for example in pair) > recipe.max_length:
        return  # nothing is ever packed
    model.eval()  # type: ignore[no-untyped-call]
    with torch.inference_mode():
        rows = packed(pair, recipe.max_length)
        try:
            together = model(input_ids=rows.ids, attention_mask=rows.mask, position_ids=rows.positions).logits[0]
        except (RuntimeError, ValueError, TypeError) as error:
            raise refusal(recipe, "does not take a mask for each record") from error
        alone = [model(input_ids=row.ids, attention_mask=row.mask).logits[0] for row in (padded([one]) for one in pair)]
    if not torch.allclose(together, torch.cat(alone), atol=LEAK, rtol=LEAK):
        raise refusal(recipe, "lets records in one row see each other")


def refusal(recipe: Recipe, why: str) -> TrialError:
    return TrialError(f"recipe {recipe.name} packs records, but the base `{recipe.base}` {why}; write `packing: none`")


def accelerator() -> Accelerator:
    """Without its own mixed precision, which would stay wrapped around the model that is asked afterwards."""
    return Accelerator(cpu=not torch.cuda.is_available(), mixed_precision="no")


def adamw(model: torch.nn.Module, recipe: Recipe) -> torch.optim.AdamW:
    parameters = [weight for weight in model.parameters() if weight.requires_grad]
    groups = [
        {"params": [weight for weight in parameters if weight.ndim >= 2], "weight_decay": float(recipe.weight_decay)},
        {"params": [weight for weight in parameters if weight.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        groups, lr=0.0, betas=(float(recipe.beta1), float(recipe.beta2)), eps=float(recipe.epsilon)
    )


def adapted(model: PreTrainedModel, recipe: Recipe) -> Any:
    """What is trained: the model, or an adapter around it, whose first values come from torch's random numbers."""
    if recipe.adapter is None:
        return model
    from peft import LoraConfig, get_peft_model

    return get_peft_model(model, LoraConfig(
        r=recipe.adapter.rank, lora_alpha=recipe.adapter.alpha, target_modules=list(recipe.adapter.targets),
        lora_dropout=0.0, bias="none", task_type="CAUSAL_LM"))  # fmt: skip


def split_allowed(model: torch.nn.Module, recipe: Recipe) -> None:
    """Raises TrialError where an adapter's parameters are split over processes: they could not be merged."""
    if recipe.adapter is not None and is_sharded(model):
        raise TrialError(f"recipe {recipe.name} trains an adapter, whose parameters are not split; launch without FSDP")


def merged(model: Any, recipe: Recipe) -> PreTrainedModel:
    """One model of the base's shape, in this process."""
    if recipe.adapter is None:
        return unsharded(model)
    whole = model.merge_and_unload(safe_merge=False)
    assert isinstance(whole, PreTrainedModel)
    return whole


def is_sharded(model: torch.nn.Module) -> bool:
    return any(hasattr(weight, "full_tensor") for weight in model.parameters())


def unsharded(model: Any) -> PreTrainedModel:
    """The model itself, or a whole copy where its parameters are split over processes."""
    whole = model
    if is_sharded(model):
        whole = AutoModelForCausalLM.from_config(model.config)  # type: ignore[no-untyped-call]
        whole.load_state_dict({name: gathered(tensor) for name, tensor in model.state_dict().items()})
        whole.generation_config = model.generation_config
    assert isinstance(whole, PreTrainedModel)
    return whole
