"""A TCP relay between nodes and broker: records what passes, and can cut the line."""

import socket
import threading


class Relay:
    """Listens on a loopback port and passes every connection on to `target`."""

    def __init__(self, port, target):
        self.target = target
        self.seen = []  # one buffer for each direction of each connection
        self._open = set()
        self._lock = threading.Lock()
        self._cut = False
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Closes every connection and refuses new ones until mended."""
        with self._lock:
            self._cut = True
            for one in self._open:
                _shut(one)
            self._open.clear()

    def mend(self):
        with self._lock:
            self._cut = False

    def close(self):
        self.cut()
        self._listener.close()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                refused = self._cut
            if refused:
                near.close()
                continue
            try:
                far = socket.create_connection(self.target, 5)
                far.settimeout(None)
            except OSError:
                near.close()
                continue
            with self._lock:
                self._open |= {near, far}
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source, sink):
        buffer = bytearray()
        with self._lock:
            self.seen.append(buffer)
        try:
            while piece := source.recv(65536):
                buffer += piece
                sink.sendall(piece)
        except OSError:
            pass
        _shut(source)
        _shut(sink)


def _shut(one):
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    one.close()
