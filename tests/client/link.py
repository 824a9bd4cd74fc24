"""A connection to a broker: docs/PROTOCOL.md, section 2."""

import random
import time

import zmq
import zmq.utils.monitor

import wire


class Refused(Exception):
    """The broker does not admit this key, or not now."""


class Silent(Exception):
    """What was waited for did not come in time."""


class Connection:
    """One CURVE connection to one address; one message in, one message out."""

    def __init__(self, address, broker, pair, routing_id=None):
        """`broker`: its public key, `pair`: our (secret, public); 32 octets each."""
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        for option, value in (
                (zmq.CURVE_SERVERKEY, broker), (zmq.CURVE_SECRETKEY, pair[0]),
                (zmq.CURVE_PUBLICKEY, pair[1]),
                (zmq.IMMEDIATE, 1), (zmq.LINGER, 2000), (zmq.SNDTIMEO, 5000),
                (zmq.HEARTBEAT_IVL, 10_000), (zmq.HEARTBEAT_TIMEOUT, 30_000),
                (zmq.MAXMSGSIZE, wire.FRAME_MAX), (zmq.RECONNECT_IVL, -1)):
            self.socket.setsockopt(option, value)
        if routing_id:   # for checks: the protocol forbids it
            self.socket.setsockopt(zmq.ROUTING_ID, routing_id)
        self.events = self.socket.get_monitor_socket(
            zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED
            | zmq.EVENT_HANDSHAKE_FAILED_AUTH)
        self.poller = zmq.Poller()
        self.poller.register(self.socket, zmq.POLLIN)
        self.poller.register(self.events, zmq.POLLIN)
        self.ended = False
        self.socket.connect(address)
        self._shake_hands()

    def _shake_hands(self):
        if not self.events.poll(30_000):
            raise Silent("no handshake within 30 s")
        event = zmq.utils.monitor.recv_monitor_message(self.events)["event"]
        if event != zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self.close()
            raise Refused("the broker does not admit this key")

    def send(self, *parts):
        self.socket.send_multipart(parts)

    def receive(self, until):
        """The next message, or None once the connection has ended; Silent at time.monotonic() ==
        `until`."""
        while not self.ended:
            ready = dict(self.poller.poll(max(0, 1000 * (until - time.monotonic()))))
            if self.socket in ready:
                break
            if self.events in ready:
                zmq.utils.monitor.recv_monitor_message(self.events)
                self.ended = True
            elif not ready:
                raise Silent("nothing came in time")
        try:   # also once it has ended: what came before the end is still to be read
            message, = self.socket.recv_multipart(zmq.NOBLOCK)
            return message
        except zmq.Again:
            return None

    def close(self, last=None):
        """Ends the connection, with a last message if it still stands."""
        if last and not self.ended:
            try:
                self.socket.send(last, zmq.NOBLOCK)
            except zmq.Again:
                pass   # the other side has ended it
        self.ended = True
        self.socket.disable_monitor()
        self.events.close()
        self.socket.close()


def join(address, broker, pair, asked):
    """The JoinAnswer to a JoinRequest; None if the broker closed the connection on it."""
    # Before connecting: whoever says nothing for 5 s is cut off, and encoding runs a program.
    request = wire.encode("join.JoinRequest", asked)
    connection = _let_in(address, broker, pair)
    try:
        connection.send(request)
        answer = connection.receive(time.monotonic() + 30)
        return answer and wire.decode("join.JoinAnswer", answer)
    finally:
        connection.close()


def _let_in(address, broker, pair):
    """A connection to the joining port: who is refused there comes again, for 30 s."""
    until = time.monotonic() + 30
    pause = 0.1
    while True:
        try:
            return Connection(address, broker, pair)
        except Refused:
            if time.monotonic() > until:
                raise
        time.sleep(pause * random.uniform(0.5, 1))
        pause = min(2 * pause, 2)
