"""A cluster to play with until Ctrl-C: ``python -m e2e.cluster``.

``python -m e2e.cluster programs`` only fetches or builds the programs that clusters need.
"""

import argparse
import shutil
import signal
import sys
from typing import TYPE_CHECKING, cast, get_args

from e2e.cluster.choose import Provider, create_cluster
from e2e.cluster.exit_status import exit_status
from e2e.cluster.program_list import PROGRAMS
from e2e.cluster.programs import ensure_programs

if TYPE_CHECKING:
    from e2e.cluster.provider import Feature


def main() -> int:
    """Runs the command line and returns its exit status."""
    parser = _parser()
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in PROGRAMS]
    if unknown or (options.names and options.what != "programs"):
        parser.error(f"unexpected {' '.join(unknown or options.names)}; see --help")
    return exit_status(lambda: _ensure_programs(options.names) if options.what == "programs" else _run_cluster(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m e2e.cluster", description="A Kubernetes cluster on this machine, until Ctrl-C."
    )
    parser.add_argument("what", nargs="?", choices=["run", "programs"], default="run", help="default: run")
    parser.add_argument("names", nargs="*", metavar="PROGRAM", help=f"with programs: {', '.join(PROGRAMS)}")
    parser.add_argument(
        "--features", default="nodes,metrics", help="comma separated, of: nodes, metrics (default: both; '' for none)"
    )
    parser.add_argument("--provider", choices=get_args(Provider), help="default: kind where it is ready, else local")
    parser.add_argument("--scrape-seconds", type=int, default=5, help="how often Prometheus scrapes (default: 5)")
    parser.add_argument("--keep", action="store_true", help="leave logs and data behind")
    return parser


def _usual_programs() -> list[str]:
    return [name for name in PROGRAMS if name != "kind" or shutil.which("docker")]


def _ensure_programs(names: list[str]) -> None:
    for name, path in ensure_programs(names or _usual_programs()).items():
        print(f"{name}: {path}")


def _run_cluster(options: argparse.Namespace) -> None:
    features = cast("list[Feature]", [name for name in options.features.split(",") if name])
    cluster = create_cluster(features, options.provider, keep=options.keep, scrape_seconds=options.scrape_seconds)
    with cluster:
        print(cluster.describe(), flush=True)
        print("ready; Ctrl-C stops it", file=sys.stderr)
        signal.pause()


if __name__ == "__main__":
    sys.exit(main())
