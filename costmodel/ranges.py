"""The uncertainty document: how far each assumption may be from what is assumed (SPEC, Uncertainty)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import TYPE_CHECKING, Any, Final

from costmodel.decimals import MAX_DECIMALS, parse_decimal, plain, round_half_up
from costmodel.errors import AssumptionsError, Problem
from costmodel.field_paths import numeric_field
from costmodel.fields import shown
from costmodel.parsing import unknown_field

if TYPE_CHECKING:
    from collections.abc import Callable

    from costmodel.field_paths import NumericField

MAX_VALUES: Final = 1_000
"""Most entries of a list of values."""
Z90: Final = Decimal("1.2815515655446004")
"""The standard normal distribution's 90th percentile; its 10th is the same below 0."""

_HUNDRED: Final = Decimal(100)
_SQUARE: Final = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Uniform:
    """Every value from `low` to `high` is equally likely."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Triangular:
    """From `low` to `high`, the likelier the nearer to `mode`."""

    low: Decimal
    mode: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Normal:
    """The bell curve around `mean` with the standard deviation `sd`."""

    mean: Decimal
    sd: Decimal


@dataclass(frozen=True, slots=True)
class LogNormal:
    """The logarithm is normal: half of the values lie below `p50`, nine in ten below `p90`."""

    p50: Decimal
    p90: Decimal


@dataclass(frozen=True, slots=True)
class Values:
    """One of `values`, as likely as its weight says; weights are relative and not all 0."""

    values: tuple[Decimal, ...]
    weights: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """Every value at most `percent` of the base value away from it is equally likely."""

    percent: Decimal


Shape = Uniform | Triangular | Normal | LogNormal | Values | Around


@dataclass(frozen=True, slots=True)
class FieldRange:
    """The range of one numeric field."""

    field: NumericField
    shape: Shape


def parse_ranges(data: object) -> dict[str, FieldRange]:
    """Check a decoded uncertainty document, `{"ranges": {"demand.users": {"low": 800, "high": 1500}}}`.

    Returns:
        Dotted path of a field to its range, in the document's order; never empty.

    Raises:
        AssumptionsError: with one problem for each refused range.
    """
    ranges = data.get("ranges") if isinstance(data, Mapping) and set(data) == {"ranges"} else None
    if not isinstance(ranges, Mapping) or not ranges:
        message, remedy = "states no ranges", 'write ranges: {"demand.users": {low: 800, high: 1500}}'
        raise AssumptionsError([Problem("ranges", message, remedy)])
    found: dict[str, FieldRange] = {}
    problems: list[Problem] = []
    for path, stated in ranges.items():
        try:
            field = numeric_field(str(path), "ranges.")
            found[field.path] = FieldRange(field, _shape(f"ranges.{path}", field, stated))
        except AssumptionsError as error:
            problems += error.problems
    if problems:
        raise AssumptionsError(problems)
    return found


def ascending(of: FieldRange) -> FieldRange:
    """The range with a list of values sorted, so that a higher draw is a higher value."""
    if not isinstance(of.shape, Values):
        return of
    pairs = sorted(zip(of.shape.values, of.shape.weights, strict=True))
    return FieldRange(of.field, Values(tuple(value for value, _ in pairs), tuple(weight for _, weight in pairs)))


def low_high(of: FieldRange, base: Decimal | None) -> tuple[Decimal, Decimal]:
    """A low and a high value to compare: the ends of a bounded range, else the 10th and the 90th percentile.

    Both are accepted by the field: cut to its bounds, and rounded half up where it is whole, else at 8 decimals.

    Args:
        of: the range.
        base: the field's value in the assumptions; None where nothing states it.

    Raises:
        AssumptionsError: the range is a percentage and there is no base value.
    """
    match absolute(of, base).shape:
        case Uniform(low, high) | Triangular(low, _, high):
            ends = low, high
        case Normal(mean, sd):
            ends = mean - Z90 * sd, mean + Z90 * sd
        case LogNormal(p50, p90):
            ends = _SQUARE.divide(_SQUARE.multiply(p50, p50), p90), p90
        case Values(values, weights):
            likely = [value for value, weight in zip(values, weights, strict=True) if weight]
            ends = min(likely), max(likely)
        case Around():  # pragma: no cover - absolute() has replaced it
            raise AssertionError
    return nearest(of.field, ends[0]), nearest(of.field, ends[1])


def absolute(of: FieldRange, base: Decimal | None) -> FieldRange:
    """The range with a percentage turned into the values it stands for; any other is returned as it is.

    Raises:
        AssumptionsError: the range is a percentage and there is no base value.
    """
    if not isinstance(of.shape, Around):
        return of
    if base is None:
        message = "nothing states the value that percent is taken of"
        raise AssumptionsError([Problem(f"ranges.{of.field.path}.percent", message, "write low and high instead")])
    share = of.shape.percent / _HUNDRED
    ends = nearest(of.field, base * (1 - share)), nearest(of.field, base * (1 + share))
    return FieldRange(of.field, Uniform(*ends))


def accepted_ends(field: NumericField, places: int) -> tuple[Decimal, Decimal]:
    """The least and the greatest value at `places` decimals that the field accepts."""
    step = Decimal(1).scaleb(-places)
    least = field.minimum.quantize(step, rounding=ROUND_CEILING)
    if field.minimum_excluded and least == field.minimum:
        least += step
    return least, field.maximum.quantize(step, rounding=ROUND_FLOOR)


def nearest(field: NumericField, value: Decimal) -> Decimal:
    """The accepted value nearest to `value`: whole where the field is, else at 8 decimals, half up."""
    places = 0 if field.whole else MAX_DECIMALS
    least, most = accepted_ends(field, places)
    return min(max(round_half_up(value, places), least), most)


def _shape(place: str, field: NumericField, stated: object) -> Shape:
    if not isinstance(stated, Mapping):
        raise _refused(place, f"{shown(stated)} is not a range", "write {low: ..., high: ...} or {percent: 20}")
    keys = {str(key) for key in stated} - {"distribution"}
    known = sorted({key for _, required, optional, _ in _SHAPES for key in required | optional})
    unknown = [key for key in keys if key not in known]
    if unknown:
        raise AssumptionsError([unknown_field(f"{place}.{key}", key, [*known, "distribution"]) for key in unknown])
    wanted = stated.get("distribution")
    for name, required, optional, read in _SHAPES:
        if required <= keys <= required | optional and wanted in (None, name):
            return read(place, field, stated)
    names = [name for name, *_ in _SHAPES]
    if wanted is not None and wanted not in names:
        raise _refused(f"{place}.distribution", f"{shown(wanted)} is not one of the choices", f"write {_or(names)}")
    offered = [f"{', '.join(sorted(required))} for {name}" for name, required, *_ in _SHAPES if wanted in (None, name)]
    raise _refused(place, f"{', '.join(sorted(keys)) or 'nothing'} makes no range", f"write {_or(offered)}")


def _uniform(place: str, field: NumericField, stated: Mapping[str, Any]) -> Uniform:
    low, high = _bound(place, field, stated, "low"), _bound(place, field, stated, "high")
    _ordered(place, ("low", low), ("high", high))
    return Uniform(low, high)


def _triangular(place: str, field: NumericField, stated: Mapping[str, Any]) -> Triangular:
    low, mode, high = (_bound(place, field, stated, name) for name in ("low", "mode", "high"))
    _ordered(place, ("low", low), ("mode", mode))
    _ordered(place, ("mode", mode), ("high", high))
    return Triangular(low, mode, high)


def _normal(place: str, field: NumericField, stated: Mapping[str, Any]) -> Normal:
    mean, sd = _inside(place, field, stated, "mean"), _number(f"{place}.sd", stated["sd"])
    if not 0 < sd <= field.maximum:
        raise _refused(f"{place}.sd", f"{plain(sd)} is out of range", f"write a number above 0 to {field.maximum:f}")
    return Normal(mean, sd)


def _lognormal(place: str, field: NumericField, stated: Mapping[str, Any]) -> LogNormal:
    p50, p90 = _inside(place, field, stated, "p50"), _inside(place, field, stated, "p90")
    if p50 <= 0:
        raise _refused(f"{place}.p50", f"{plain(p50)} is not above 0", "write a number above 0")
    if p90 <= p50:
        raise _refused(f"{place}.p90", f"{plain(p90)} is not above p50 ({plain(p50)})", "raise p90 or lower p50")
    return LogNormal(p50, p90)


def _values(place: str, field: NumericField, stated: Mapping[str, Any]) -> Values:
    values = _list(place, stated, "values")
    weights = _list(place, stated, "weights") if "weights" in stated else [1] * len(values)
    if len(weights) != len(values):
        raise _refused(f"{place}.weights", f"{len(weights)} weights for {len(values)} values", "write one for each")
    figures = tuple(_checked(f"{place}.values[{at}]", field, value, field.whole) for at, value in enumerate(values))
    shares = tuple(_number(f"{place}.weights[{at}]", weight) for at, weight in enumerate(weights))
    if min(shares) < 0 or not any(shares) or max(shares) > 10**9:
        raise _refused(f"{place}.weights", "are negative, all 0 or too large", "write weights from 0, one above it")
    return Values(figures, shares)


def _around(place: str, field: NumericField, stated: Mapping[str, Any]) -> Around:
    percent = _number(f"{place}.percent", stated["percent"])
    if not 0 < percent <= _HUNDRED:
        raise _refused(f"{place}.percent", f"{plain(percent)} is out of range", "write a number above 0 to 100")
    return Around(percent)


_SHAPES: Final[tuple[tuple[str, set[str], set[str], Callable[[str, NumericField, Mapping[str, Any]], Shape]], ...]] = (
    ("uniform", {"low", "high"}, set(), _uniform),
    ("triangular", {"low", "mode", "high"}, set(), _triangular),
    ("normal", {"mean", "sd"}, set(), _normal),
    ("lognormal", {"p50", "p90"}, set(), _lognormal),
    ("values", {"values"}, {"weights"}, _values),
    ("percent", {"percent"}, set(), _around),
)
"""Name of a distribution, the keys that it needs and may have, and what reads them."""


def _number(place: str, value: object) -> Decimal:
    try:
        return parse_decimal(value)
    except ValueError as error:
        raise _refused(place, f"{shown(value)} {error}", 'write a number such as 2 or "1.5"') from None


def _bound(place: str, field: NumericField, stated: Mapping[str, Any], name: str) -> Decimal:
    return _checked(f"{place}.{name}", field, stated[name], field.whole)


def _inside(place: str, field: NumericField, stated: Mapping[str, Any], name: str) -> Decimal:
    return _checked(f"{place}.{name}", field, stated[name], whole=False)


def _checked(place: str, field: NumericField, value: object, whole: bool) -> Decimal:
    number = _number(place, value)
    kind = "a whole number" if whole else "a number"
    bounds = f"{kind} {'above' if field.minimum_excluded else 'from'} {field.minimum:f} to {field.maximum:f}"
    too_low = number < field.minimum or (field.minimum_excluded and number == field.minimum)
    if too_low or number > field.maximum:
        raise _refused(place, f"{plain(number)} is out of range", f"write {bounds}")
    if whole and number != number.to_integral_value():
        raise _refused(place, f"{plain(number)} is not a whole number", f"write {bounds}")
    return number


def _list(place: str, stated: Mapping[str, Any], name: str) -> list[Any]:
    found = stated[name]
    if not isinstance(found, list) or not 1 <= len(found) <= MAX_VALUES:
        raise _refused(f"{place}.{name}", f"{shown(found)} is no list of 1 to {MAX_VALUES} numbers", "write a list")
    return found


def _ordered(place: str, lower: tuple[str, Decimal], upper: tuple[str, Decimal]) -> None:
    if lower[1] > upper[1]:
        message = f"{lower[0]} ({plain(lower[1])}) is above {upper[0]} ({plain(upper[1])})"
        raise _refused(f"{place}.{lower[0]}", message, f"lower {lower[0]} or raise {upper[0]}")


def _or(words: list[str]) -> str:
    return " or ".join(filter(None, ("; ".join(words[:-1]), words[-1])))


def _refused(field: str, message: str, remedy: str) -> AssumptionsError:
    return AssumptionsError([Problem(field, message, remedy)])
