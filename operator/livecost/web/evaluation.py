"""One scenario priced: typed fields to an estimate, and what each input shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from costmodel import estimate, resolve, round_half_up
from costmodel.acting import acting_document
from costmodel.document_media import media_in_force
from livecost.web.schedule_editor import ACTIVE_HOURS
from livecost.web.typed_text import document_of, text_of, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from costmodel import Assumptions, AssumptionsDocument, Estimate, MediaDocument


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A scenario with everything that follows from it.

    Attributes:
        document: what it states.
        assumptions: the document over the defaults, priced by its catalog.
        media: the media from which the bitrate follows; None where a bitrate is stated.
        estimate: size and price.
    """

    document: AssumptionsDocument
    assumptions: Assumptions
    media: MediaDocument | None
    estimate: Estimate

    @property
    def acting(self) -> AssumptionsDocument:
        """Every value that acts, as one document."""
        return acting_document(self.assumptions, self.media)

    def shown(self) -> dict[str, str]:
        """Path to text of everything that acts, stated or not; what has no effect beside an alternative is left out.

        Of that, people still want to see the users, and the hours that a schedule comes to, at two decimals.
        """
        demand = self.assumptions.demand
        shown = {**typed(self.acting), "demand.users": text_of(demand.users)}
        if demand.schedule:
            shown[ACTIVE_HOURS] = text_of(round_half_up(demand.active_hours_per_month, 2))
        return shown


def evaluate(fields: Mapping[str, str]) -> Evaluation:
    """Price what typed fields state.

    Raises:
        AssumptionsError: fields are refused, one by one or together.
    """
    return evaluate_document(document_of(fields))


def evaluate_document(document: AssumptionsDocument) -> Evaluation:
    """Price a document.

    Raises:
        AssumptionsError: what it states contradicts itself.
    """
    assumptions = resolve(document)
    return Evaluation(document, assumptions, media_in_force([document]), estimate(assumptions))
