"""Where `livecost recommend` takes its servers and their prices from: the audio sizing document or a price catalog."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from costmodel import AssumptionsError, plain, price_sheet
from costmodel.audio_document import (
    LOAD_BALANCER_PER_MONTH,
    PARTICIPANTS,
    REDIS_SELF_HOSTED_PER_MONTH,
    SERVERS,
    STREAM_KBPS,
)
from costmodel.bandwidth import listed_price
from costmodel.catalog import service_price_per_month
from costmodel.catalog_servers import DEDICATED_CPU_PERCENT, SHARED_CPU_PERCENT, catalog_servers
from costmodel.media import AudioStream, session_media
from livecost.completion_values import clouds, regions
from livecost.options import number, refusal
from livecost.price_options import read_sheet
from livecost.session_options import CURRENCY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from costmodel import RegionPrices
    from costmodel.bandwidth import BandwidthPrice
    from costmodel.servers import ServerType

F = TypeVar("F", bound="Callable[..., Any]")

_EGRESS_MBPS: Final = session_media(AudioStream(STREAM_KBPS), PARTICIPANTS, "wire").egress_kbps.scaleb(-3)
_OPTIONS: Final = (
    click.option(
        "--cloud",
        shell_complete=clouds,
        help="Take machine types, Redis, load balancer and traffic from this price catalog; otherwise the servers are "
        "those of the audio sizing document.",
    ),
    click.option("--region", shell_complete=regions, help="Region of the catalog.  [default: the catalog's]"),
    click.option(
        "--prices",
        type=click.Path(allow_dash=True),
        metavar="FILE",
        help="Price sheet of your own, laid over its provider's catalog; implies its cloud.",
    ),
    click.option("--exclude", metavar="PATTERN", multiple=True, help="Machine types to leave out, such as 'CX*'."),
    click.option(
        "--dedicated-cpu-percent",
        type=number,
        help="What a session takes of one dedicated vCPU of a catalog's machine, in percent.  "
        f"[default: the document's for a type that it has, else {plain(DEDICATED_CPU_PERCENT[1])}]",
    ),
    click.option(
        "--shared-cpu-percent",
        type=number,
        help=f"The same of a shared vCPU.  [default: the document's, else {plain(SHARED_CPU_PERCENT[1])}]",
    ),
    click.option(
        "--egress-mbps",
        type=number,
        default=plain(_EGRESS_MBPS),
        show_default=True,
        help="What a session sends, as a cloud charges it; livecost media tells.",
    ),
)


@dataclass(frozen=True, slots=True)
class MarketOptions:
    """What `market_options` were given as; None where they were not."""

    cloud: str | None
    region: str | None
    prices: str | None
    exclude: tuple[str, ...]
    dedicated_cpu_percent: Decimal | None
    shared_cpu_percent: Decimal | None
    egress_mbps: Decimal


@dataclass(frozen=True, slots=True)
class Market:
    """Servers to choose among, and the prices beside theirs. Money is per month, in `currency`.

    Attributes:
        currency: ISO 4217 code.
        servers: the machine types.
        redis_per_month: price of a Redis; None, unknown, where the catalog has none.
        load_balancer_per_month: likewise.
        traffic: price of egress; None, unknown, where the catalog has none, and without a catalog.
        catalog: the region's prices; None without a catalog.
    """

    currency: str
    servers: tuple[ServerType, ...]
    redis_per_month: Decimal | None
    load_balancer_per_month: Decimal | None
    traffic: BandwidthPrice | None = None
    catalog: RegionPrices | None = None

    @property
    def notes(self) -> Mapping[str, str]:
        """Machine type to what its catalog notes of it, and whether its price is known second hand."""
        types = {} if self.catalog is None else self.catalog.node_types
        return {
            name: " ".join(
                [
                    *([] if entry.note is None else [entry.note]),
                    *([f"Price known second hand, {entry.date}."] if entry.known == "second-hand" else []),
                ]
            )
            for name, entry in types.items()
        }


_DOCUMENT: Final = Market(CURRENCY, SERVERS, REDIS_SELF_HOSTED_PER_MONTH, LOAD_BALANCER_PER_MONTH)


def market_options(command: F) -> F:
    """Give `command` the options of `MarketOptions`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_market(options: MarketOptions) -> Market:
    """The market that the options name.

    Raises:
        click.UsageError: unknown names, figures out of range, or options that need a catalog where there is none.
    """
    for name in ("dedicated_cpu_percent", "shared_cpu_percent", "egress_mbps"):
        figure = getattr(options, name)
        if figure is not None and figure <= 0:
            raise click.BadParameter("write a number above 0", param_hint=f"--{name.replace('_', '-')}")
    market = _catalog_market(options)
    servers = tuple(
        server for server in market.servers if not any(fnmatchcase(server.name, each) for each in options.exclude)
    )
    if not servers:
        raise click.UsageError("no machine type is left to choose from; take another --region or fewer --exclude")
    return replace(market, servers=servers)


def _catalog_market(options: MarketOptions) -> Market:
    sheet, catalogs = read_sheet(options.prices)
    cloud = options.cloud or (sheet.provider if sheet is not None else None)
    if cloud is None:
        for name in ("region", "dedicated_cpu_percent", "shared_cpu_percent"):
            if getattr(options, name) is not None:
                raise click.UsageError(f"--{name.replace('_', '-')} needs a price catalog; also write --cloud")
        return _DOCUMENT
    if sheet is not None and cloud != sheet.provider:
        remedy = f"write --cloud {sheet.provider} or leave --prices out"
        raise click.UsageError(f"--prices is a sheet of {sheet.provider}; {remedy}")
    try:
        prices = price_sheet(cloud, options.region, catalogs)[1]
    except AssumptionsError as error:
        raise refusal(error) from None
    return Market(
        currency=prices.currency,
        servers=catalog_servers(
            prices,
            dedicated_cpu_percent=options.dedicated_cpu_percent,
            shared_cpu_percent=options.shared_cpu_percent,
        ),
        redis_per_month=_service(prices, "redis"),
        load_balancer_per_month=_service(prices, "load_balancer"),
        traffic=listed_price(prices),
        catalog=prices,
    )


def _service(prices: RegionPrices, name: str) -> Decimal | None:
    found = prices.services.get(name)
    return None if found is None else service_price_per_month(found)
