"""The `livecost` command. Subcommands are imported when asked for, so that pricing never loads the operator."""

from __future__ import annotations

import os
from difflib import get_close_matches
from importlib import import_module
from typing import Final

import click
from click.shell_completion import CompletionItem

from livecost import __version__
from livecost.command_endings import EXIT_CODES, plain_endings

_COMMANDS: Final = {
    "bandwidth": ("livecost.bandwidth_command", "bandwidth_command", "Price a month's traffic at each provider."),
    "calibrate": ("livecost.calibrate_command", "calibrate_command", "What one node carries, from load tests."),
    "compare": ("livecost.compare_command", "compare_command", "One large server against several small ones."),
    "diff": ("livecost.diff_command", "diff_command", "Why the cost of two documents differs."),
    "media": ("livecost.media_command", "media_command", "Bitrates and data of an audio session."),
    "completion": ("livecost.completion_command", "completion_command", "Print the script for a shell's completion."),
    "estimate": ("livecost.estimate_command", "estimate_command", "Size and price one customer cluster."),
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
    "web": ("livecost.web_command", "web_command", "The calculator in a browser."),
}
"""Name to module, attribute and summary; the summaries stand here so that --help imports nothing."""


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, attribute, _ = _COMMANDS[cmd_name]
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above names commands
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in _COMMANDS and not ctx.resilient_parsing:
            nearest = get_close_matches(name, _COMMANDS, n=1)
            remedy = f"did you mean {nearest[0]}?" if nearest else "livecost --help lists them"
            ctx.fail(f"{name!r:.80} is not a command; {remedy}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        with plain_endings():
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][2]) for name in self.list_commands(ctx)])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        return [CompletionItem(name, help=_COMMANDS[name][2]) for name in names]


def _set_color(ctx: click.Context, param: click.Parameter, value: str) -> None:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    # Where this is None, click asks whether the output is a terminal.
    ctx.color = {"always": True, "never": False}.get(value, False if plain else None)


_EXIT_CODES: Final = "\b\nExit codes:\n" + "".join(f"  {code:<4} {meaning}\n" for code, meaning in EXIT_CODES.items())


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EXIT_CODES)
@click.version_option(__version__, prog_name="livecost")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    expose_value=False,
    is_eager=True,
    callback=_set_color,
    help="Colors; auto is on a terminal, unless NO_COLOR is set.",
)
def main() -> None:
    """Size and price live customer clusters."""
