"""The floor of the broker: messages that do nothing, sent and taken by Dramatiq in one process.

Run as a process of its own; prints messages a second and the CPU it took as JSON.
"""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django
import dramatiq

QUEUE = "bench"
THREADS = 8
PATIENCE = 60_000


def main(count: int) -> dict[str, float]:
    """Send so many and wait until all are done, on the broker that the environment names."""
    django.setup()
    from config.broker import broker, poll_milliseconds  # noqa: PLC0415 - the settings must stand first

    done: list[str] = []

    @dramatiq.actor(broker=broker, actor_name="bench.nothing", queue_name=QUEUE, max_retries=0)
    def nothing(number: str) -> None:
        done.append(number)

    worker = dramatiq.Worker(
        broker, queues={QUEUE}, worker_threads=THREADS, worker_timeout=poll_milliseconds()
    )
    worker.start()
    begun, used = time.monotonic(), time.process_time()
    for number in range(count):
        nothing.send(str(number))
    while len(done) < count:
        time.sleep(0.001)
    seconds, used = time.monotonic() - begun, time.process_time() - used
    worker.stop()
    broker.close()
    return {"rate": count / seconds, "cpu": used * 1000 / count}


if __name__ == "__main__":
    json.dump(main(int(sys.argv[1])), sys.stdout)
