"""Record -> text, tokens, loss mask: what the model will really see. No training library is imported here."""

from acceptance.rendering.batch import outlined
from acceptance.rendering.errors import (
    BadTemplate,
    ControlText,
    IncompleteRecord,
    NoGeneration,
    NothingTrained,
    OverBudget,
    RecordRefused,
    RenderingError,
    TokenEdge,
    Untrainable,
)
from acceptance.rendering.renderer import Example, Outline, Renderer, Trace
from acceptance.rendering.template import Rendering

__all__ = [
    "BadTemplate",
    "ControlText",
    "Example",
    "IncompleteRecord",
    "NoGeneration",
    "NothingTrained",
    "Outline",
    "OverBudget",
    "RecordRefused",
    "Renderer",
    "Rendering",
    "RenderingError",
    "TokenEdge",
    "Trace",
    "Untrainable",
    "outlined",
]
