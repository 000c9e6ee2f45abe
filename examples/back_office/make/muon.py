"""Gradients of matrices in, steps of equal size in every direction out: the optimiser Muon in single precision.

Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024. `torch.optim.Muon` computes in bfloat16,
which most processors do slowly.
"""

from collections import defaultdict

import torch

COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of the quintic iteration
ITERATIONS = 5


class Muon(torch.optim.Optimizer):
    def __init__(self, matrices: list[torch.Tensor], lr: float, momentum: float = 0.95) -> None:
        super().__init__(matrices, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        for group in self.param_groups:
            for matrices in _by_shape(group["params"]):
                updates = orthogonal(torch.stack([self._momentum(weight, group["momentum"]) for weight in matrices]))
                scale = max(1.0, matrices[0].shape[0] / matrices[0].shape[1]) ** 0.5
                for weight, update in zip(matrices, updates, strict=True):
                    weight.add_(update, alpha=-group["lr"] * scale)

    def _momentum(self, weight: torch.Tensor, momentum: float) -> torch.Tensor:
        """Nesterov's look-ahead of the averaged gradient."""
        average = self.state[weight].setdefault("average", torch.zeros_like(weight))
        average.lerp_(weight.grad, 1 - momentum)
        return weight.grad.lerp(average, momentum)


def orthogonal(stack: torch.Tensor) -> torch.Tensor:
    """Each matrix of the stack [n, rows, columns] with its singular values moved near one."""
    tall = stack.shape[1] > stack.shape[2]
    x = stack.mT if tall else stack
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    a, b, c = COEFFICIENTS
    for _ in range(ITERATIONS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x


def _by_shape(weights: list[torch.Tensor]) -> list[list[torch.Tensor]]:
    shapes = defaultdict(list)
    for weight in weights:
        shapes[weight.shape].append(weight)
    return list(shapes.values())
