"""Proof by faults that really fire: reliability.md, sections 3 to 7.

    make chaos STACK=P ROWS=R05,R07 SEED=7        full counts, one line a row into chaos.jsonl
    python -m tests.chaos --stack E --first       the counts of a commit, as tests/chaos/test_rows.py runs them

A row is a function in `tests/chaos/rows/` from a `Rig` and a number of trials to an `Outcome`:

    @row("R07", "Repeat: death before the effect still gives it", fault="worker killed at K7", first=5, full=200)
    def effect_comes(rig: Rig, trials: int) -> Outcome:
        outcome = Outcome(measured="recovery")              # what `longest` measures
        flow = rig.flow("R07", step, ...)                   # a workflow that runs; settings as keywords
        rig.staff(4, threads=1, schedulers=1)               # workers, schedulers; the web server is there already
        rig.faults.arm("K7 kill first:4")                   # in every process of the rig, none in this one
        runs = rig.trigger(flow, 4)                         # webhooks, insisted on; `rig.send` sends one, once
        assert rig.faults.await_fired("K7", 4)
        outcome.add(4, rig.unrested(runs) + my_judgement)   # sentences; none means that the trials succeeded
        outcome.failures += rig.breaches()                  # the oracle's, when all is at rest
        return outcome

`tests/chaos/trials.py` has `die_at`, which does the middle part, and judges to hand it. Verbs are called as services in
this process (`workflows.services`, `runs.services`), on the same database and broker; `rig.processes.once(name,
"workflows", "pause", …)` calls one as a command in a process that may be killed in the middle (K15, K16).

- `rig.processes`: `keep(role, count, *command)`, `alive(*roles)` (process ids), `kill_all()`, `ended` (exit codes).
  What dies is started again at once, as by a service manager; `staff(0)` ends it with SIGTERM.
- `rig.post`, `senders.Stream`, `senders.together`: senders, with the log that the oracle reads.
- `rig.sink`: `url("500")` and other ways to answer; `requests(runs)`, `keys(runs)`.
- `rig.database`, `rig.broker`: the proxies (`refuse`, `cut`, `swallow`, `delay`, `reset_after`, `heal`), None where the
  server is not reached by TCP. This process goes by none of them.
- `killer.RandomKiller(rig.processes.alive, seed, mean=…, frozen=…)`: SIGKILL, SIGSTOP and SIGCONT at random.
- `rig.check()`: the oracle, a process of its own that imports nothing of the product; `breaches()` in one list.

Leases and the pump's interval are 2 s. Wait with `rig.rest`, `rig.unrested`, `processes.eventually`, never for a fixed time.
"""
