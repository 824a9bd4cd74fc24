"""Free ports on loopback."""

import socket


def _free(port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port():
    """A port that was free a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def free_ports(count):
    """The first of `count` free ports in a row."""
    for _ in range(200):
        first = free_port()
        if first + count < 65536 and all(_free(first + step) for step in range(count)):
            return first
    raise RuntimeError(f"no {count} free ports in a row on 127.0.0.1")
