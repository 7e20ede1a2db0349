"""The audio sizing document's figures, as printed: its servers, session, prices per GB and side services.

"LiveKit on Hetzner: Cost and Performance Analysis (Audio-Only Solution)" bears no date, and its prices are no offer.
They are kept so that its tables can be computed. Money is EUR unless a name says otherwise.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from costmodel.servers import ServerType, SessionLoad

SOURCE: Final = "LiveKit on Hetzner: Cost and Performance Analysis (Audio-Only Solution), undated"

PARTICIPANTS: Final = 8
STREAM_KBPS: Final = Decimal(64)
SESSION_MBPS: Final = Decimal(4)
"""Ingress and egress of a session's payload, 4.096, rounded as the document does."""
HEADROOM_PERCENT: Final = Decimal(30)
PORT_MBPS: Final = Decimal(1000)
"""Section "Network Throughput Limits": a shared port of 1 Gbps on each server."""

SESSION: Final = SessionLoad(
    cpu_percent=Decimal("4.66"), memory_mb=Decimal(100), mbps=SESSION_MBPS, minutes=Decimal(10)
)
"""Sections "Impact to Host" and "Single Session Specifications". The CPU is the heavier figure of the CCX servers."""


def _server(name: str, vcpu: int, memory_gb: int, price: str, light: str, heavy: str) -> ServerType:
    cpu = (Decimal(light), Decimal(heavy))
    return ServerType(name, vcpu, Decimal(memory_gb), PORT_MBPS, Decimal(price), cpu)


# Section "Server Sizing Matrix". It states concurrent sessions, not CPU; the CPU shares are those that give its figures
# with 30 % of the vCPUs kept free. CX vCPUs are shared, which is why a session takes more of them.
SERVERS: Final = (
    _server("CX21", 2, 4, "5.83", "5.6", "7"),
    _server("CX31", 2, 8, "10.50", "4", "5.6"),
    _server("CX41", 4, 16, "21.00", "4", "5.6"),
    _server("CCX23", 4, 16, "36.51", "3.5", "4.66"),
    _server("CCX33", 8, 32, "73.02", "3.5", "4.66"),
    _server("CCX43", 16, 64, "146.04", "3.5", "4.66"),
    _server("CCX53", 32, 128, "292.08", "4.48", "5.6"),
)

# Sections "Two-Server Architecture" and "Additional Requirements for Multi-Host".
REDIS_SELF_HOSTED_PER_MONTH: Final = Decimal(5)
REDIS_MANAGED_PER_MONTH: Final = (Decimal(10), Decimal(20))
LOAD_BALANCER_PER_MONTH: Final = Decimal(5)

SESSION_GB: Final = Decimal("0.3")
"""Section "Data Transfer per Session": 4 Mbps x 600 s / 8 = 300 MB."""
AWS_USD_PER_GB: Final = Decimal("0.09111")
"""The document states totals; this is the shortest price that gives all five (82 USD for 900 GB)."""
GCP_USD_PER_GB: Final = Decimal("0.08178")
"""As above (368 USD for 4,500 GB)."""
