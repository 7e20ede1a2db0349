"""The `livecost` command. Subcommands are imported when asked for, so that pricing never loads the operator."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

from livecost import __version__

_COMMANDS: Final = {
    "bandwidth": ("livecost.bandwidth_command", "bandwidth_command", "Price a month's traffic at each provider."),
    "calibrate": ("livecost.calibrate_command", "calibrate_command", "What one node carries, from load tests."),
    "compare": ("livecost.compare_command", "compare_command", "One large server against several small ones."),
    "diff": ("livecost.diff_command", "diff_command", "Why the cost of two documents differs."),
    "media": ("livecost.media_command", "media_command", "Bitrates and data of an audio session."),
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
}
"""Name to module, attribute and summary; the summaries stand here so that --help imports nothing."""


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, attribute, _ = _COMMANDS[cmd_name]
        try:
            command = getattr(import_module(module), attribute)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.split(".")[0] in {"livecost", "costmodel"}:
                raise
            message = f"the package {error.name} is not installed; install livecost[operator]"
            raise click.UsageError(message) from None
        assert isinstance(command, click.Command)  # noqa: S101 - the table above names commands
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][2]) for name in self.list_commands(ctx)])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="livecost")
def main() -> None:
    """Size and price live customer clusters."""
