"""The random killer: SIGKILL, SIGSTOP and SIGCONT at exponential intervals, on processes that the rig started."""

import contextlib
import os
import random
import signal
import threading
from collections.abc import Callable

WAYS = (signal.SIGKILL, signal.SIGKILL, signal.SIGSTOP)


class RandomKiller:
    """While inside, one of `victims()` is killed or frozen every `mean` seconds on average; a frozen one wakes later.

    The draws come from the seed alone, so that a run can be repeated as far as the machine allows. `blows` lists
    what was done.
    """

    def __init__(self, victims: Callable[[], list[int]], seed: int, *, mean: float, frozen: float) -> None:
        self.victims, self.mean, self.frozen = victims, mean, frozen
        self.random = random.Random(seed)
        self.blows: list[tuple[str, int]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "RandomKiller":
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self.random.expovariate(1 / self.mean)):
            process, way = self.random.random(), self.random.choice(WAYS)
            victims = self.victims()
            if victims:
                self._strike(victims[int(process * len(victims))], way)

    def _strike(self, process: int, way: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, way)
            self.blows.append((way.name, process))
        if way == signal.SIGSTOP:
            self._over.wait(self.random.expovariate(1 / self.frozen))
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)
