"""Free ports on loopback, that nobody takes while a program is killed and started again."""

import pathlib
import random
import socket

# Below the range from which the system takes ports for outgoing connections: a node that dials a
# broker which is down would otherwise be given the broker's own port now and then.
LEAST = 10_240
MOST = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0]) - 1


def _free(port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_ports(count):
    """The first of `count` free ports in a row."""
    for _ in range(1000):
        first = random.SystemRandom().randrange(LEAST, MOST - count)
        if all(_free(first + step) for step in range(count)):
            return first
    raise RuntimeError(f"no {count} free ports in a row on 127.0.0.1")


def free_port():
    return free_ports(1)
