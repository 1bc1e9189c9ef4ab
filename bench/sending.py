"""The load generator as a process of its own, so that its work is not counted and takes no turn from this one."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from bench.client import Order, Outcome

CLIENT = Path(__file__).with_name("client.py")


def sending(order: Order) -> "subprocess.Popen[str]":
    """Start the client; `outcome_of` waits for its end."""
    process = subprocess.Popen(
        [sys.executable, "-S", str(CLIENT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(asdict(order)))
    process.stdin.close()
    return process


def outcome_of(process: "subprocess.Popen[str]") -> Outcome:
    """What the client did; raises RuntimeError when it broke off."""
    assert process.stdout is not None
    text = process.stdout.read()
    if process.wait():
        raise RuntimeError("The load generator broke off.")
    return Outcome(**json.loads(text))


def send(order: Order) -> Outcome:
    """Send and wait for the end."""
    return outcome_of(sending(order))


def request(path: str, body: str, *, host: str = "127.0.0.1") -> str:
    """A POST of JSON as text, complete."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body.encode())}\r\nUser-Agent: bench\r\n\r\n{body}"
    )
