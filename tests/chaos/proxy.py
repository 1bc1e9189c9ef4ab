"""A TCP proxy that fails on demand: before the database, the broker or the sink."""

import random
import selectors
import socket
import struct
import threading
import time

BUFFER = 65536
RESET = struct.pack("ii", 1, 0)
LOOK = 0.02


class Proxy:
    """Passes everything on until told otherwise. Faults count for connections that stand and for new ones.

    `refuse()` resets at once, `swallow()` takes and passes nothing on, `delay(s)` waits before each piece,
    `reset_after(n)` cuts whatever stands once n more bytes went to the server. `heal()` ends all of that; `cut()`
    resets what stands. `faults` counts the connections that a fault broke.
    """

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.mode = "pass"
        self.amount = 0.0
        self.faults = 0
        self._pairs: set[Pair] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def heal(self) -> None:
        self.mode = "pass"

    def refuse(self) -> None:
        self.mode = "refuse"
        self.cut()

    def swallow(self) -> None:
        self.mode = "swallow"

    def delay(self, seconds: float) -> None:
        self.mode, self.amount = "delay", seconds

    def reset_after(self, count: int) -> None:
        self.mode, self.amount = "reset", count

    def cut(self) -> int:
        """Reset every connection that stands; gives how many that were."""
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            pair.is_broken = True
        for pair in pairs:
            pair.thread.join(timeout=5)
        return len(pairs)

    def close(self) -> None:
        self.mode = "refuse"
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            if self.mode == "refuse":
                self.faults += 1
                _reset(client)
                continue
            self._join(client)

    def _join(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self.target, timeout=5)
        except OSError:
            _reset(client)
            return
        pair = Pair(self, client, server)
        with self._lock:
            self._pairs.add(pair)
            pair.thread.start()

    def leave(self, pair: "Pair") -> None:
        self.faults += pair.is_broken
        with self._lock:
            self._pairs.discard(pair)

    def spoil(self, data: bytes, *, to_server: bool) -> bytes:
        """What is passed on of a piece."""
        if self.mode == "delay":
            time.sleep(self.amount)
        if self.mode == "swallow":
            return b""
        if self.mode == "reset" and to_server:
            kept = data[: max(0, int(self.amount))]
            self.amount -= len(data)
            return kept
        return data


class Pair:
    """One connection and the one to the server behind it, served by a thread of its own."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self.proxy, self.client, self.server = proxy, client, server
        self.is_broken = False
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        for one in (self.client, self.server):
            one.settimeout(None)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with selectors.DefaultSelector() as ready:
                ready.register(self.client, selectors.EVENT_READ, self.server)
                ready.register(self.server, selectors.EVENT_READ, self.client)
                while not self.is_broken and all(self._pass(key) for key, _mask in ready.select(LOOK)):
                    pass
        except OSError:
            self.is_broken = True
        finally:
            self._close()

    def _pass(self, key: selectors.SelectorKey) -> bool:
        """Pass one piece on; False at the end of either side."""
        data = key.fileobj.recv(BUFFER)
        target = key.data
        if data:
            target.sendall(self.proxy.spoil(data, to_server=target is self.server))
        if self.proxy.mode == "reset" and self.proxy.amount <= 0:
            self.is_broken = True
        return bool(data)

    def _close(self) -> None:
        self.proxy.leave(self)
        for one in (self.client, self.server):
            if self.is_broken:
                _reset(one)
            one.close()


def _reset(one: socket.socket) -> None:
    """Close with RST instead of FIN."""
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    one.close()


def some_bytes(chance: random.Random, most: int) -> int:
    """How many bytes to let through: small numbers as likely as large ones."""
    return int(2 ** chance.uniform(0, most.bit_length()))
