"""Documents laid over each other, as the tests write them."""

import pytest

from costmodel import AssumptionsError, parse_document, resolve


def merged(*layers):
    """The assumptions of the layers."""
    return resolve(*map(parse_document, layers))


def refused(*layers):
    """The problems of the layers, by field."""
    with pytest.raises(AssumptionsError) as caught:
        merged(*layers)
    return {problem.field: problem for problem in caught.value.problems}
