"""The JSON API: the questions of the calculator for programs. Every operation computes and changes nothing."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, FastAPI, HTTPException
from pydantic.json_schema import models_json_schema

from costmodel import estimate_to_json, explain
from costmodel.difference import changed_fields, changed_sizes, explain_difference
from costmodel.pooling import pool
from costmodel.ranges import parse_ranges
from livecost.difference_output import change_lines, field_rows, unrounded
from livecost.pool_command import comparison_notes, comparison_rows
from livecost.sensitivity_command import swing_row
from livecost.simulation_output import simulation_rows, simulation_to_json
from livecost.web.analyses import ranges_of_revisited, simulated, swings
from livecost.web.api_models import (
    DifferenceAnswer,
    DifferenceQuestion,
    EstimateAnswer,
    PoolingAnswer,
    PoolingQuestion,
    ProblemsAnswer,
    Question,
    SensitivityAnswer,
    SensitivityQuestion,
    UncertaintyAnswer,
    UncertaintyQuestion,
)
from livecost.web.evaluation import evaluate_document
from livecost.web.exact_json import described, read_body
from livecost.web.exports import document_to_json

_QUESTIONS: Final = (Question, SensitivityQuestion, UncertaintyQuestion, PoolingQuestion, DifferenceQuestion)

router = APIRouter(
    prefix="/api/v1",
    responses={
        400: {"description": "The request was sent to a name that is not served here."},
        403: {"description": "A page of another site sent the request."},
        413: {"description": "The body is too large."},
        422: {"model": ProblemsAnswer, "description": "Fields are refused."},
    },
)


@router.post("/estimate", response_model=EstimateAnswer, openapi_extra=described(Question))
def post_estimate(question: Annotated[Question, Depends(read_body(Question))]) -> dict[str, Any]:
    """Size and price one customer cluster."""
    found = evaluate_document(question.assumptions)
    return {
        "estimate": estimate_to_json(found.estimate, found.assumptions),
        "how": explain(found.estimate, found.assumptions),
        "assumptions": document_to_json(found.acting),
    }


@router.post("/sensitivity", response_model=SensitivityAnswer, openapi_extra=described(SensitivityQuestion))
def post_sensitivity(
    question: Annotated[SensitivityQuestion, Depends(read_body(SensitivityQuestion))],
) -> dict[str, Any]:
    """Move each assumption that acts down and up, all others as they are."""
    found = evaluate_document(question.assumptions)
    rows = [swing_row(swing, question.of) for swing in swings(found, question.percent, question.of)]
    return {"currency": found.estimate.currency, "swings": rows}


@router.post(
    "/uncertainty",
    response_model=UncertaintyAnswer,
    openapi_extra=described(UncertaintyQuestion),
    responses={501: {"description": "The server was installed without the package that draws."}},
)
def post_uncertainty(
    question: Annotated[UncertaintyQuestion, Depends(read_body(UncertaintyQuestion))],
) -> dict[str, Any]:
    """Draw assumptions at random and tell how the figures spread."""
    found = evaluate_document(question.assumptions)
    if question.ranges is None:
        ranges = ranges_of_revisited(found, question.percent)
    else:
        ranges = parse_ranges({"ranges": question.ranges})
    try:
        result = simulated(found, ranges, question.draws, question.seed)
    except ModuleNotFoundError as error:
        raise HTTPException(501, f"the package {error.name} is not installed; install livecost[analysis]") from None
    return simulation_to_json(simulation_rows(result, found.estimate), result, question.seed, None)


@router.post("/pooling", response_model=PoolingAnswer, openapi_extra=described(PoolingQuestion))
def post_pooling(question: Annotated[PoolingQuestion, Depends(read_body(PoolingQuestion))]) -> dict[str, Any]:
    """Compare a cluster for each customer with one that all share."""
    found = evaluate_document(question.assumptions)
    result = pool(
        found.assumptions,
        question.customers,
        diversity_factor=question.diversity_factor,
        services_factor=question.services_factor,
    )
    return {
        "currency": found.estimate.currency,
        "customers": result.customers,
        "rows": list(comparison_rows(result)),
        "notes": list(comparison_notes(result, found.assumptions)),
    }


@router.post("/difference", response_model=DifferenceAnswer, openapi_extra=described(DifferenceQuestion))
def post_difference(
    question: Annotated[DifferenceQuestion, Depends(read_body(DifferenceQuestion))],
) -> dict[str, Any]:
    """Explain line by line why one set of assumptions costs another amount than another."""
    before, after = evaluate_document(question.before), evaluate_document(question.after)
    changes = explain_difference(before.assumptions, after.assumptions)
    return {
        "currency": before.estimate.currency,
        "monthly": change_lines(changes, unrounded),
        "sizes": field_rows(changed_sizes(before.estimate, after.estimate)),
        "fields": field_rows(changed_fields(before.acting, after.acting)),
    }


def describe_questions(app: FastAPI) -> None:
    """Add the questions, which this module reads itself, to the OpenAPI description of `app`."""
    written = app.openapi

    def with_questions() -> dict[str, Any]:
        description = written()
        template = "#/components/schemas/{model}"
        _, schemas = models_json_schema([(each, "validation") for each in _QUESTIONS], ref_template=template)
        description["components"]["schemas"].update(schemas["$defs"])
        return description

    app.openapi = with_questions  # type: ignore[method-assign]
