"""Runs spread over the cores with Dask: an in-process cluster, or a scheduler somewhere.

Every worker process keeps its own zygotes; results come back as records.  A run that cannot be
made ends as a record with a reason, so that one submission never stops the others.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograder import sharing
from autograder.boxes import Zygotes
from autograder.compiled import has_compiler, kept
from autograder.environments import require
from autograder.errors import CourseError, InfrastructureError
from autograder.exercise import Exercise, load
from autograder.ingest import Answer, solution_answer
from autograder.isolation import NONE
from autograder.records import CheckResult, RunRecord, Store, code_version, key
from autograder.run import run
from autograder.stopping import obey

_LOCK = threading.Lock()
_ZYGOTES: list[Zygotes] = []


def zygotes() -> Zygotes:
    """This process' zygotes; closed when it ends."""
    with _LOCK:
        if not _ZYGOTES:
            _ZYGOTES.append(sharing.zygotes())
            atexit.register(_ZYGOTES[0].close)
        return _ZYGOTES[0]


def stop() -> None:
    """From any thread: end every box and zygote of this process at once, and all that waits."""
    for running in _ZYGOTES:
        running.stop()


@dataclass(frozen=True)
class Doing:
    """A run that goes on in this process: of which answer, where, at which cell ("" before the
    first one), since when (by the monotonic clock), and how many seconds it may take.
    """

    exercise: str
    answer: str
    environment: str
    cell: str
    since: float
    seconds: float


_DOING: dict[int, Doing] = {}
"""By the thread."""


def doing() -> list[Doing]:
    """The runs that go on in this process now."""
    return list(_DOING.values())


@contextlib.contextmanager
def _told(exercise: Exercise, answer: Answer, environment: str) -> Iterator[Callable[[str], None]]:
    """Let `doing` tell of a run; yields what has to be called at each of its cells."""
    thread, start = threading.get_ident(), time.monotonic()
    begin = Doing(exercise.slug, answer.digest, environment, "", start, exercise.seconds)
    _DOING[thread] = begin

    def at(cell: str) -> None:
        now = _DOING[thread]
        _DOING[thread] = replace(now, cell=cell, since=now.since if now.cell else time.monotonic())

    try:
        yield at
    finally:
        del _DOING[thread]


@dataclass(frozen=True)
class Job:
    """One answer in one environment, at one level of isolation.

    `tag` comes back with the record.
    """

    tag: Any
    exercise: Exercise
    answer: Answer
    environment: str
    isolation: str = NONE


def address(job: Job) -> str | None:
    """The content address of a job's record; None where the environment is missing."""
    try:
        lock = require(job.environment).lock_hash()
    except CourseError:
        return None
    exercise = job.exercise
    return key(
        exercise.slug,
        exercise.version,
        job.answer.digest,
        job.environment,
        lock,
        code_version(),
        job.isolation,
    )


def run_all(
    jobs: Sequence[Job],
    secret: bytes,
    store: Store | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
) -> Iterator[tuple[Job, RunRecord, bool]]:
    """Run every job; yields ``(job, record, came from the store)`` as they end.

    Final records are stored as they arrive, so that an interrupted batch goes on where it was.
    """
    open_jobs = []
    for job in jobs:
        where = address(job) if store is not None else None
        known = store.get(where) if store is not None and where is not None else None
        if known is not None and known.final:
            yield job, known, True
        else:
            open_jobs.append(job)
    for job, record in _run(open_jobs, secret, scheduler, workers):
        obey()
        if store is not None and record.final:
            store.put(record)
        yield job, record, False


def _run(
    jobs: Sequence[Job], secret: bytes, scheduler: str | None, workers: int | None
) -> Iterator[tuple[Job, RunRecord]]:
    if not jobs:
        return
    import distributed

    dask_: Any = distributed

    with (
        _cluster(jobs, scheduler, workers) as where,
        dask_.Client(where, set_as_default=False) as client,
    ):
        for slug, environment in worth_compiling(jobs):
            dask_.fire_and_forget(client.submit(compile_once, slug, environment, pure=False))
        futures = {client.submit(one, text_of(job), secret.hex(), pure=False): job for job in jobs}
        again = []
        for future in dask_.as_completed(futures, loop=client.loop):
            job, record = futures[future], _record(futures[future], future)
            if record.doubtful and len(jobs) > 1:
                again.append(job)
            else:
                yield job, record
        # Once more, one by one: whoever was in the way has ended.
        for job in again:
            yield job, _record(job, client.submit(one, text_of(job), secret.hex(), pure=False))


def _record(job: Job, future: Any) -> RunRecord:
    error = future.exception()
    return RunRecord.from_json(future.result()) if error is None else failed(job, error)


@contextlib.contextmanager
def _cluster(jobs: Sequence[Job], scheduler: str | None, workers: int | None) -> Iterator[Any]:
    """The address of a scheduler: the given one, or a cluster of threads in this process."""
    import dask
    import distributed
    import distributed.gc

    cluster_of: Any = distributed.LocalCluster
    collector: Any = distributed.gc

    logging.getLogger("distributed").setLevel(logging.ERROR)
    if scheduler is not None:
        yield scheduler
        return
    zygotes().warm_up(dict.fromkeys(job.environment for job in jobs))
    with (
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}),
        cluster_of(
            processes=False,
            n_workers=1,
            threads_per_worker=workers or os.cpu_count() or 1,
            dashboard_address="127.0.0.1:0",  # the default port may be taken
            silence_logs=logging.ERROR,
        ) as cluster,
    ):
        # It runs inside garbage collection, where Python drops a Ctrl-C.
        collector.disable_gc_diagnosis(force=True)
        yield cluster


COMPILE_FROM = 3
"""Runs of one exercise in one environment from which compiling beforehand pays."""


def worth_compiling(jobs: Sequence[Job]) -> list[tuple[str, str]]:
    """``(exercise, environment)`` of which the course's own solution should run first."""
    counted = Counter(
        (job.exercise.slug, job.environment)
        for job in jobs
        if not job.exercise.released and address(job) and has_compiler(job.environment)
    )
    return [pair for pair, count in counted.items() if count >= COMPILE_FROM]


def compile_once(slug: str, environment: str) -> None:
    """In a worker: run the course's solution, whose compiled programs serve the other runs."""
    exercise = load(slug)
    if not kept(exercise, environment).is_dir():
        answer = solution_answer(exercise)
        with _told(exercise, answer, environment) as progress:
            run(exercise, answer, environment, zygotes(), progress=progress, trusted=True)


def text_of(job: Job) -> str:
    """What a worker needs to know of a job, as JSON."""
    return json.dumps(
        {
            "exercise": job.exercise.slug,
            "version": job.exercise.version,
            "environment": job.environment,
            "isolation": job.isolation,
            "sources": dict(job.answer.sources),
            "attempted": sorted(job.answer.attempted),
        }
    )


def one(text: str, secret: str) -> str:
    """One job, in a worker.  Returns the record as JSON."""
    row = json.loads(text)
    exercise = load(row["exercise"])
    if exercise.version != row["version"]:
        raise InfrastructureError(
            f"this worker has another version of {exercise.slug}; update its copy of the course"
        )
    answer = Answer(exercise.slug, row["sources"], (), frozenset(row["attempted"]))
    with _told(exercise, answer, row["environment"]) as progress:
        return run(
            exercise,
            answer,
            row["environment"],
            zygotes(),
            bytes.fromhex(secret),
            progress,
            isolation=row["isolation"],
        ).to_json()


def failed(job: Job, error: BaseException) -> RunRecord:
    """The record of a run that could not be made at all."""
    message = f"the run could not be made: {type(error).__name__}: {error}"
    blank = RunRecord(
        exercise=job.exercise.slug,
        version=job.exercise.version,
        answer=job.answer.digest,
        environment=job.environment,
        lock="",
        code=code_version(),
        checks={},
        isolation=job.isolation,
        problem=message,
    )
    due = [c for c in job.exercise.checks if job.environment in job.exercise.environments_of(c)]
    return replace(blank, checks={c.grade_id: CheckResult("not_run", message) for c in due})
