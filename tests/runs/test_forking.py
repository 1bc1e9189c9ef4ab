"""Forked children end as they say, take signals as new processes do, and leave nothing in their parent.

They are forked from a plain process: the one that runs the tests has threads.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
BEGIN = """
import os, signal, sys, time
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
django.setup()
from django.core.management.base import CommandError
from runs.forking import Forked

def fail():
    raise ValueError("broken")

def refuse():
    raise CommandError("That cannot be.", returncode=3)

def sleep():
    time.sleep(600)
"""


def run(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BEGIN + script],
        cwd=ROOT,
        env={**os.environ, "BROKER_URL": "", "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


@pytest.mark.parametrize(
    ("work", "code", "said"),
    [
        ("lambda: None", 0, ""),
        ("lambda: sys.exit(5)", 5, ""),
        ("lambda: sys.exit('a part died')", 1, "a part died\n"),
        ("refuse", 3, "That cannot be.\n"),
    ],
)
def test_child_ends_with_the_code_and_the_sentence_of_its_work(work: str, code: int, said: str) -> None:
    done = run(f"print(Forked('child', {work}).wait(20))")

    assert (done.stdout, done.stderr) == (f"{code}\n", said)


def test_child_that_breaks_tells_where_and_the_parent_goes_on() -> None:
    done = run("print(Forked('child', fail).wait(20), 'still here')")

    assert done.stdout == "1 still here\n"
    assert "ValueError: broken" in done.stderr


def test_child_is_ended_by_a_signal_that_its_parent_takes_otherwise() -> None:
    done = run("""
signal.signal(signal.SIGTERM, lambda number, frame: print("parent"))
child = Forked("child", sleep)
print(child.wait(0.5))
child.terminate()
print(child.wait(20))
child.kill()
""")

    assert done.stdout == f"None\n-{signal.SIGTERM.value}\n"


def test_children_claim_runs_under_names_of_their_own() -> None:
    done = run("""
from runs.engine import lease
print(lease.OWNER, flush=True)
for _ in range(2):
    Forked("child", lambda: print(lease.OWNER, flush=True)).wait(20)
""")

    assert len(set(done.stdout.splitlines())) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="names and the parent's end are told by Linux only")
def test_child_has_its_name_and_ends_with_its_parent() -> None:
    done = run("""
child = Forked("child of mine", sleep)
time.sleep(0.3)
print(open(f"/proc/{child.pid}/comm").read(), end="", flush=True)
os._exit(0)
""")

    # run() reads until nobody can write any more: had the child lived on, its patience would have ended first.
    assert done.stdout == "child of mine\n"
