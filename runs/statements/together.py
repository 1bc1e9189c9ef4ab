"""Group commit: what several threads want to write at the same time goes into one transaction, with one flush."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from django.db import OperationalError

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Ticket(Generic[Item, Result]):
    """One thread's item. `told` is released once: when the result is there, or when it is this thread's turn."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.result: Result | None = None
        self.problem: Exception | None = None
        self.is_done = False
        self.told = threading.Lock()
        self.told.acquire()


class Together(Generic[Item, Result]):
    """`write` takes items and gives their results, in one transaction that is committed when it returns.

    The first thread to come writes its own item alone and at once. Those that come while it writes wait; the first of
    them gathers for some seconds more and then writes for all of them. So one that comes alone never waits for
    company, and under load a commit, which on many disks takes milliseconds, is shared.
    """

    def __init__(self, write: Callable[[Sequence[Item]], Sequence[Result]], *, gathering: float) -> None:
        self._write, self._gathering = write, gathering
        self._door = threading.Lock()
        self._waiting: list[_Ticket[Item, Result]] = []
        self._is_writing = False

    def add(self, item: Item) -> Result:
        """The result for this item, once it is committed; raises what writing it raised."""
        ticket: _Ticket[Item, Result] = _Ticket(item)
        with self._door:
            self._waiting.append(ticket)
            waits, self._is_writing = self._is_writing, True
        if waits:
            ticket.told.acquire()
        if not ticket.is_done:
            if waits and self._gathering:
                time.sleep(self._gathering)
            self._write_waiting(ticket)
        if ticket.problem is not None:
            raise ticket.problem
        return ticket.result  # type: ignore[return-value]  # it is done, and a result may well be None

    def _write_waiting(self, own: _Ticket[Item, Result]) -> None:
        """Write for all that wait, tell them, and give the turn to the first of those who came meanwhile."""
        with self._door:
            tickets, self._waiting = self._waiting, []
        try:
            self._write_each(tickets)
        except BaseException:
            # This thread is interrupted, as by Dramatiq's time limit: the others must neither wait nor believe it done.
            for ticket in tickets:
                ticket.problem, ticket.is_done = OperationalError("The writing thread was interrupted."), True
            raise
        finally:
            self._hand_over([ticket for ticket in tickets if ticket is not own])

    def _write_each(self, tickets: Sequence[_Ticket[Item, Result]]) -> None:
        try:
            self._write_all(tickets)
        except OperationalError as problem:
            # The database is locked, full or gone: each alone would wait as long again.
            for ticket in tickets:
                ticket.problem, ticket.is_done = problem, True
        except Exception:  # one of them may be the cause: the others must not suffer for it
            for ticket in tickets:
                self._write_alone(ticket)

    def _hand_over(self, written: Sequence[_Ticket[Item, Result]]) -> None:
        with self._door:
            following = self._waiting[0] if self._waiting else None
            self._is_writing = following is not None
        if following is not None:
            following.told.release()
        for ticket in written:
            ticket.told.release()

    def _write_all(self, tickets: Sequence[_Ticket[Item, Result]]) -> None:
        results = self._write([ticket.item for ticket in tickets])
        for ticket, result in zip(tickets, results, strict=True):
            ticket.result, ticket.is_done = result, True

    def _write_alone(self, ticket: _Ticket[Item, Result]) -> None:
        try:
            self._write_all([ticket])
        except Exception as problem:  # it is raised again in the thread that brought the item
            ticket.problem, ticket.is_done = problem, True
