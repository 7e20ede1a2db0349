"""The `livecost` command. Subcommands are imported when asked for, so that pricing never loads the operator."""

from __future__ import annotations

import os
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import click
from click.shell_completion import CompletionItem

import livecost
from livecost.command_endings import EXIT_CODES, plain_endings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    CommandTable = Mapping[str, tuple[str, str, str]]
    """Name to module, attribute and summary; the summaries stand here so that --help imports nothing."""

COMMANDS: Final[CommandTable] = {
    "bandwidth": ("livecost.bandwidth_command", "bandwidth_command", "Price a month's traffic at each provider."),
    "calibrate": ("livecost.calibrate_command", "calibrate_command", "What one node carries, from load tests."),
    "cluster": ("livecost.customer_commands", "cluster", "Explain, vary and list the live customers of a cluster."),
    "compare": ("livecost.compare_command", "compare_command", "One large server against several small ones."),
    "diff": ("livecost.diff_command", "diff_command", "Why the cost of two documents differs."),
    "media": ("livecost.media_command", "media_command", "Bitrates and data of an audio session."),
    "completion": ("livecost.completion_command", "completion_command", "Print the script for a shell's completion."),
    "estimate": ("livecost.estimate_command", "estimate_command", "Size and price one customer cluster."),
    "export": ("livecost.export_command", "export", "Cost of the live customers for other programs."),
    "fleet": ("livecost.fleet_command", "fleet_command", "Size and price many customers, with totals by cloud."),
    "pool": ("livecost.pool_command", "pool_command", "A cluster for each customer against one that all share."),
    "prices": ("livecost.prices_command", "prices", "List and show the price catalogs."),
    "operator": ("livecost.operator_command", "operator", "Run the Kubernetes operator."),
    "peaks": ("livecost.peaks_command", "peaks_command", "Always on, scaled to low, or paid for the peaks only."),
    "recommend": ("livecost.recommend_command", "recommend_command", "The cheapest servers for a number of sessions."),
    "sensitivity": ("livecost.sensitivity_command", "sensitivity_command", "Which assumption swings the bill."),
    "servers": ("livecost.servers_command", "servers_command", "Sessions and cost per session of each server type."),
    "simulate": ("livecost.simulate_command", "simulate_command", "How the bill spreads when the assumptions do."),
    "sweep": ("livecost.sweep_command", "sweep_command", "Figures over a grid of one or two assumptions."),
}

_GROUPS: Final = {
    "One cluster": ("estimate", "diff", "peaks"),
    "Many customers": ("fleet", "pool"),
    "Uncertainty": ("simulate", "sensitivity", "sweep", "calibrate"),
    "Servers, media and prices": ("recommend", "servers", "compare", "media", "bandwidth", "prices"),
}
"""Heading of --help to the commands below it; all others are below the last one, Kubernetes and shell."""


class _LazyGroup(click.Group):
    def __init__(self, *args: Any, table: CommandTable, **options: Any) -> None:
        super().__init__(*args, **options)
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._table:
            return None
        module, attribute, _ = self._table[cmd_name]
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above names commands
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self._table and not ctx.resilient_parsing:
            nearest = get_close_matches(name, self._table, n=1)
            remedy = f"did you mean {nearest[0]}?" if nearest else f"{ctx.command_path} --help lists them"
            ctx.fail(f"{name!r:.80} is not a command; {remedy}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        with plain_endings():
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        widest = max(map(len, self._table))
        known = {
            heading: [name for name in names if self._table.get(name) == COMMANDS[name]]
            for heading, names in _GROUPS.items()
        }
        grouped = {name for names in known.values() for name in names}
        others = [name for name in self.list_commands(ctx) if name not in grouped]
        for heading, names in {**known, "Kubernetes and shell": others}.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(widest), self._table[name][2]) for name in names])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        return [CompletionItem(name, help=self._table[name][2]) for name in names]


def lazy_group(table: CommandTable, **options: Any) -> Callable[[Callable[..., None]], click.Group]:
    """Makes a function a group that imports a command of `table` when it is asked for; `options` as for click.group."""
    return click.group(cls=_LazyGroup, table=table, **options)


def _set_color(ctx: click.Context, param: click.Parameter, value: str) -> None:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    # Where this is None, click asks whether the output is a terminal.
    ctx.color = {"always": True, "never": False}.get(value, False if plain else None)


def _show_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"livecost, version {livecost.__version__}")
        ctx.exit()


_EXIT_CODES: Final = "\b\nExit codes:\n" + "".join(f"  {code:<4} {meaning}\n" for code, meaning in EXIT_CODES.items())


def program(table: CommandTable) -> Callable[[Callable[[], None]], click.Group]:
    """Makes a function the group of a whole program: the commands of `table`, --version and --color."""
    color = click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        expose_value=False,
        is_eager=True,
        callback=_set_color,
        help="Colors; auto is on a terminal, unless NO_COLOR is set.",
    )
    version = click.option(
        "--version",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_show_version,
        help="Show the version and exit.",
    )
    settings = {"help_option_names": ["-h", "--help"]}
    group = lazy_group(table, context_settings=settings, epilog=_EXIT_CODES)
    return lambda function: group(version(color(function)))


@program(COMMANDS)
def main() -> None:
    """Size and price live customer clusters."""
