"""Which customers a fleet takes: labels as Kubernetes matches them, and namespaces."""

import pytest
from pydantic import ValidationError

from livecost.customer_fleet_models import CustomerFleetSpec
from livecost.label_selector import LabelSelector

GOLD = {"plan": "gold", "region": "eu"}


def requirement(operator, *values, key="plan"):
    return {"matchExpressions": [{"key": key, "operator": operator, **({"values": list(values)} if values else {})}]}


@pytest.mark.parametrize(
    ("selector", "takes_gold", "takes_unlabelled"),
    [
        ({}, True, True),
        ({"matchLabels": {"plan": "gold"}}, True, False),
        ({"matchLabels": {"plan": "gold", "region": "us"}}, False, False),
        (requirement("In", "gold", "silver"), True, False),
        (requirement("NotIn", "gold"), False, True),
        (requirement("NotIn", "silver"), True, True),
        (requirement("Exists"), True, False),
        (requirement("DoesNotExist"), False, True),
        ({"matchLabels": {"plan": "gold"}, **requirement("NotIn", "eu", key="region")}, False, False),
    ],
)
def test_labels_match_as_in_kubernetes(selector, takes_gold, takes_unlabelled):
    read = LabelSelector.model_validate(selector)

    assert (read.matches(GOLD), read.matches({})) == (takes_gold, takes_unlabelled)


@pytest.mark.parametrize("key", ["", "-plan", "a/b/c", "Example.com/plan", "plan!"])
def test_a_name_that_no_label_can_have_is_refused(key):
    with pytest.raises(ValidationError):
        LabelSelector.model_validate(requirement("Exists", key=key))


@pytest.mark.parametrize(
    ("spec", "taken"),
    [
        ({}, ["own"]),
        ({"namespaces": ["one", "two"]}, ["one", "two"]),
        ({"allNamespaces": True}, ["own", "one", "two"]),
    ],
)
def test_namespaces_are_the_own_one_the_named_ones_or_all(spec, taken):
    read = CustomerFleetSpec.model_validate(spec)

    assert [name for name in ("own", "one", "two") if read.takes("own", name, {})] == taken
