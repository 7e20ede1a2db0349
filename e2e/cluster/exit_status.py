"""How a program that a person runs at a terminal ends."""

import signal
import sys
from typing import TYPE_CHECKING

from e2e.cluster.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


def exit_status(work: "Callable[[], None]") -> int:
    """Do the work; 1 after a ClusterError, which is told, else 0, also after Ctrl-C or SIGTERM."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        work()
    except ClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
    return 0


def _interrupt(_number: int, _frame: "FrameType | None") -> None:
    raise KeyboardInterrupt
