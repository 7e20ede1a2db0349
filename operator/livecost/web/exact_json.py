"""Request bodies read without losing a digit, and their refusals by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool

from costmodel import AssumptionsError, Problem, problems_of
from livecost.document_text import DocumentTextError, decode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Model = TypeVar("Model", bound=BaseModel)


def read_body(model: type[Model]) -> Callable[[Request], Awaitable[Model]]:
    """A dependency that reads the request's body as `model`.

    JSON decoders make binary floats of decimals and let a second key replace the first; this one does not.
    """

    def parsed(body: bytes) -> Model:
        try:
            text = body.decode("utf-8")
            data: Any = decode(text) if text.lstrip().startswith("{") else None
        except UnicodeDecodeError:
            raise _refused("is not UTF-8 text") from None
        except DocumentTextError as error:
            raise _refused(str(error)) from None
        if not isinstance(data, dict):
            raise _refused("is not a JSON object")
        try:
            return model.model_validate(data)
        except ValidationError as error:
            raise AssumptionsError(problems_of(error, model)) from None

    async def read(request: Request) -> Model:
        # A large hostile text takes the better part of a second, which must not hold up everybody else.
        return await run_in_threadpool(parsed, await request.body())

    return read


def described(model: type[BaseModel]) -> dict[str, Any]:
    """The body of an operation in the OpenAPI description."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _refused(message: str) -> AssumptionsError:
    return AssumptionsError([Problem("(body)", message, 'send a JSON object such as {"assumptions": {}}')])
