"""A server on loopback that clients connect to, and that can hang up, go away and come back."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Self


class LoopbackServer:
    """Takes any number of clients, each in a thread of its own."""

    def __init__(self) -> None:
        self._clients: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener: socket.socket | None = None
        self._closing = threading.Event()
        self.connections = 0
        self.port = 0

    def __enter__(self) -> Self:
        self.come_back()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self.drop()
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()

    @property
    def clients(self) -> int:
        return len(self._clients)

    def come_back(self) -> None:
        """Listen (again), on the same port as before."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(8)
        self.port = listener.getsockname()[1]
        self._listener = listener
        self._spawn(lambda: self._accept(listener))

    def hang_up(self) -> None:
        """End all connections; new ones are taken."""
        for client in list(self._clients):
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    def drop(self) -> None:
        """End all connections and refuse new ones, as a phone that goes to sleep."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        self.hang_up()

    def answer(self, client: socket.socket) -> None:
        """Talk with a client until one of the two has had enough. May raise OSError."""
        raise NotImplementedError

    def _spawn(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            self._clients.add(client)
            self._spawn(partial(self._serve, client))

    def _serve(self, client: socket.socket) -> None:
        try:
            self.answer(client)
        except OSError:
            pass
        finally:
            self._clients.discard(client)
            client.close()


def request_of(client: socket.socket) -> bytes:
    """What a client asks, up to the empty line; nothing where it has gone."""
    request = b""
    while b"\r\n\r\n" not in request:
        data = client.recv(4096)
        if not data:
            return b""
        request += data
    return request


def has_gone(client: socket.socket) -> bool:
    """Who sends nothing finds out only this way that nobody listens any more."""
    readable, _, _ = select.select([client], [], [], 0)
    return bool(readable) and not client.recv(1024)
