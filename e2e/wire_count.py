"""Counts the IP packets that a server sends, as the kernel passes them on: nothing of the server's own is trusted."""

import socket
import struct
import threading
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Literal, Self

Kind = Literal["media", "control", "connectivity", "handshake", "tcp"]

_ETH_P_ALL: Final = 0x0003
_PACKET_OUTGOING: Final = 4
# linux/if_packet.h, which the socket module leaves out: level, option, and the struct of packets and drops.
_SOL_PACKET: Final = 263
_PACKET_STATISTICS: Final = 6
_BUFFER_BYTES: Final = 16 << 20
_UDP_HEADER_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Sent:
    """Packets and their bytes, with the IP headers and what they hold, without Ethernet's."""

    packets: int
    bytes: int


class WireCount:
    """Counts, while entered, what leaves the given ports through an interface, over IPv4.

    It needs the right to open packet sockets (CAP_NET_RAW).

    Args:
        interface: its name; traffic between addresses of one machine passes `lo`.
        ports: source ports, of TCP and UDP.
    """

    def __init__(self, interface: str, ports: Collection[int]) -> None:
        self._interface = interface
        self._ports = frozenset(ports)
        self._packets: Counter[Kind] = Counter()
        self._bytes: Counter[Kind] = Counter()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self._socket.bind((self._interface, 0))
        self._socket.settimeout(0.1)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._socket.close()

    def sent(self) -> dict[Kind, Sent]:
        """What was sent so far, by what it is for.

        `media` is RTP, `control` RTCP, `connectivity` STUN, `handshake` DTLS and data channels, `tcp` signalling.

        Raises:
            RuntimeError: packets were missed.
        """
        _, missed = struct.unpack("II", self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))
        if missed:
            raise RuntimeError(f"{missed} packets came faster than they were counted")
        return {kind: Sent(self._packets[kind], self._bytes[kind]) for kind in self._packets}

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                packet, (_, _, direction, *_) = self._socket.recvfrom(1 << 16)
            except TimeoutError:
                continue
            # The loopback device shows each packet twice: as it goes out, and as it comes in.
            if direction == _PACKET_OUTGOING and packet[0] >> 4 == 4:
                self._count(packet)

    def _count(self, packet: bytes) -> None:
        header_bytes = 4 * (packet[0] & 0x0F)
        protocol = packet[9]
        if protocol not in (socket.IPPROTO_TCP, socket.IPPROTO_UDP):
            return
        (port,) = struct.unpack_from("!H", packet, header_bytes)
        if port not in self._ports:
            return
        kind: Kind = "tcp" if protocol == socket.IPPROTO_TCP else _kind(packet[header_bytes + _UDP_HEADER_BYTES :])
        self._packets[kind] += 1
        self._bytes[kind] += len(packet)


def _kind(datagram: bytes) -> Kind:
    # The first byte tells the protocols apart (RFC 7983); RTCP's packet types are those of RFC 5761, section 4.
    if datagram[0] < 4:
        return "connectivity"
    if datagram[0] < 64:
        return "handshake"
    return "control" if 192 <= datagram[1] <= 223 else "media"
