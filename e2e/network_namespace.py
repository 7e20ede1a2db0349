"""A network of its own for a program, without being root: a user and a network namespace.

In it the program may open packet sockets, and nothing else of the machine sends.
"""

import subprocess
from typing import Final

ADDRESS: Final = "10.77.0.1"

# WebRTC libraries use no loopback device, so the address lies on one end of a veth pair. No IPv6: one size of header.
_SET_UP: Final = (
    "link set lo up",
    "link add media type veth peer name mediapeer",
    "link set media addrgenmode none",
    "link set mediapeer addrgenmode none",
    f"address add {ADDRESS}/24 dev media",
    "link set media up",
    "link set mediapeer up",
    f"route add default via {ADDRESS}",
)

ENTER: Final = ("unshare", "--user", "--map-root-user", "--net", "--")
"""Goes before a command that shall run in new namespaces."""


def set_up_network() -> None:
    """Gives the new namespaces that this process was started in an address.

    Raises:
        subprocess.CalledProcessError: `ip` failed.
    """
    for command in _SET_UP:
        subprocess.run(["ip", *command.split()], check=True)


def why_not() -> str | None:
    """Why this machine gives no such namespaces; None when it does."""
    trial = " && ".join(f"ip {command}" for command in _SET_UP)
    try:
        done = subprocess.run([*ENTER, "sh", "-ec", trial], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "util-linux's unshare is not here"
    return None if done.returncode == 0 else f"no network namespace of one's own: {done.stderr.strip()[-200:]}"
