"""A delivery's accepted records to how many of them a trial trains on, in its own arm and in each part of it."""

from __future__ import annotations

from collections.abc import Mapping

from acceptance.certification.dossier import NotHere
from acceptance.deal import Deal, renderers
from acceptance.engine.evaluation import Outcome
from acceptance.engine.trial_ledger import decided_here, recipe_of
from acceptance.measures.protocol import Unavailable
from acceptance.trial import parts
from acceptance.trial.errors import TrialError
from acceptance.validation import Delivery, accepted_records


def held(deal: Deal, delivery: Delivery, outcome: Outcome) -> Mapping[str, int]:
    """Arm -> records. Raises NotHere where they cannot be rendered or trained on."""
    clause = next(one for one in deal.contract.clauses if decided_here(one))
    try:
        renderer = renderers(deal)(recipe_of(deal.contract, clause).name)
        return parts.counted(renderer, accepted_records(deal, delivery, outcome))
    except (Unavailable, TrialError) as error:
        raise NotHere(str(error)) from error
