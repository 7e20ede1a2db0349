"""How plots look and how they are written: same figures, same file, and no display needed."""

from __future__ import annotations

import io
import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from livecost.command_input import refuse

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLORS: Final = ("#2563a8", "#d2691e", "#3a8f5c", "#8a5aa8", "#7a7a7a")
"""Line and bar colors in the order of their use; they stay apart for the color-blind and in print."""

_FORMS: Final[dict[str, dict[str, Any]]] = {".svg": {"Date": None}, ".png": {"Software": None}}
_STYLE: Final[dict[Any, Any]] = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "font.size": 10,
    "grid.color": "#e3e3e3",
    "legend.frameon": False,
    "svg.hashsalt": "livecost",
}


def _known_form(ctx: click.Context, param: click.Parameter, path: str | None) -> str | None:
    if path is not None and Path(path).suffix.lower() not in _FORMS:
        raise click.BadParameter(f"{path!r} is neither .svg nor .png; write a file name such as cost.svg")
    if path is not None and find_spec("matplotlib") is None:
        raise click.UsageError("the package matplotlib is not installed; install livecost[analysis]")
    return path


plot_option = click.option(
    "--plot", metavar="FILE.svg|FILE.png", callback=_known_form, help="Also draw the result into this file."
)
"""--plot; the command gets `plot`, the path of an SVG or PNG file or None."""


def new_figure(title: str, width: float = 8, height: float = 4.5) -> tuple[Figure, Axes]:
    """An empty figure of the common style with one pair of axes, to be written by `save`; sizes are in inches."""
    figure, [axes] = new_panels(title, 1, width, height)
    return figure, axes


def new_panels(title: str, panels: int, width: float = 8, height: float = 4.5) -> tuple[Figure, list[Axes]]:
    """The same with several pairs of axes below each other that share the horizontal one."""
    # Figures made without pyplot never look for a display.
    import matplotlib as mpl  # noqa: PLC0415 - commands start faster without it
    from matplotlib.figure import Figure  # noqa: PLC0415

    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = list(figure.subplots(panels, sharex=True, squeeze=False)[:, 0])
        axes[0].set_title(title)
    return figure, axes


def save(figure: Figure, path: str | Path) -> None:
    """Write the figure as its file name says, .svg or .png; the same figure gives the same bytes.

    The file is there in full or as it was before. One that cannot be written ends the command with code 2.
    """
    import matplotlib as mpl  # noqa: PLC0415 - commands start faster without it

    suffix = Path(path).suffix.lower()
    drawn = io.BytesIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(drawn, format=suffix[1:], dpi=144, metadata=_FORMS[suffix])
    try:
        _write(Path(path), drawn.getvalue())
    except OSError as error:
        refuse("--plot", [f"{path} cannot be written: {error.strerror}; name a file in a folder that is writable"])


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
