"""How many threads torch computes with: all of them on a quiet machine, one on a busy one.

Two ways, because one image must be quick and many images must be done:

- *One image* (`threads_by_load`): all threads compute it together.
- *Many images* (`in_parallel`): each thread computes images of its own, and waits for no other.

After each layer of a network its threads wait for each other, and spin while they wait. That is quickest where each
thread has a core to itself. Where other programs use the cores, a thread that lost its core keeps all others waiting,
layer by layer: on two cores beside two busy programs an image then takes 6 to 20 times as long. One thread waits for
nobody; it loses no more than the share of a core that the other programs take.

Whether the machine is busy shows in the processor time: threads that compute or spin use one second of it in each
second. Where this process got clearly less, others had the cores. After that torch computes with one thread for a
while, and then all threads are tried again, after longer and longer waits while the machine stays busy.

The number of threads changes no score by more than rounding. What `in_parallel` computes does not depend on it at all:
each image is computed by one thread, however many there are.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

import torch

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_WINDOW_S = 0.1  # over which processor time is compared with time; Windows counts it in steps of 16 ms
_LEAST_SHARE = (
    0.75  # of the processor time asked for; with less the machine is busy. Measured on two cores: quiet 0.85 to 1.0,
)
# beside one busy program 0.5 to 0.73, beside two 0.45 to 0.5
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.25, 30.0  # until all threads are tried again; each time twice as long


class Load:
    """What is known of the machine's load: judged by each computation with all threads, shared by all models.

    Parameters
    ----------
    clock, time_of_thread, time_of_process : callables
        Seconds of time, of processor time of the calling thread, and of all threads of this process.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.perf_counter,
        time_of_thread: Callable[[], float] = time.thread_time,
        time_of_process: Callable[[], float] = time.process_time,
    ) -> None:
        self._clocks = clock, time_of_thread, time_of_process
        self._lock = threading.Lock()
        self._spent = 0.0, 0.0, 0.0  # by the three clocks, in this window
        self._wait = 0.0  # seconds between two trials of all threads; 0: the machine is quiet
        self._next_trial = 0.0

    def is_busy(self) -> bool:
        """Whether to compute with one thread now."""
        with self._lock:
            return self._wait > 0 and self._clocks[0]() < self._next_trial

    @contextmanager
    def observed(self, n_threads: int) -> Iterator[None]:
        """Watch a computation with this many threads, at least 2."""
        before = [clock() for clock in self._clocks]
        yield
        spent = [clock() - start for clock, start in zip(self._clocks, before, strict=True)]
        with self._lock:
            self._spent = tuple(old + new for old, new in zip(self._spent, spent, strict=True))  # type: ignore[assignment]
            if self._spent[0] >= _WINDOW_S:
                self._judge(n_threads)

    def _judge(self, n_threads: int) -> None:
        seconds, of_thread, of_process = self._spent
        self._spent = 0.0, 0.0, 0.0
        # Both, because other threads of the process use processor time as well, and because a calling thread that has
        # its core does not notice that the others wait for theirs.
        share = min(of_thread / seconds, of_process / (seconds * n_threads))
        if share >= _LEAST_SHARE:
            self._wait = 0.0
        else:
            self._wait = min(2 * self._wait, _LONGEST_WAIT_S) if self._wait else _FIRST_WAIT_S
            self._next_trial = self._clocks[0]() + self._wait


_LOAD = Load()


@contextmanager
def threads_by_load(device: torch.device, load: Load = _LOAD) -> Iterator[None]:
    """Compute inside with as many threads as torch has here or, on a busy machine, with one.

    Nothing happens on a graphics card, or where torch has one thread anyway: ``torch.set_num_threads(1)`` and
    OMP_NUM_THREADS=1 switch this off. Safe in several threads at once; each has its own number of threads afterwards.
    """
    n_threads = torch.get_num_threads() if device.type == "cpu" else 1
    if n_threads == 1:
        yield
    elif load.is_busy():
        try:
            _set_own_threads(1, n_threads)
            yield
        finally:
            torch.set_num_threads(n_threads)
    else:
        with load.observed(n_threads):
            yield


def in_parallel(
    compute: Callable[[_Item], _Result], items: Iterable[_Item], n_workers: int
) -> Generator[_Result, None, None]:
    """Compute the results of items, in their order, with several items in work at the same time.

    Parameters
    ----------
    compute : callable
        Called by several threads at once, each of which has one thread of torch; so has, until the end, the caller.
    items : iterable
        Taken when there is room: at most one more than there are workers is in work or waits to be taken.
    n_workers : int
        Threads; 1: `compute` is called by the calling thread.

    Raises
    ------
    Exception
        What `compute` raises, in the order of the items.
    """
    if n_workers == 1:
        yield from map(compute, items)
        return
    rest, n_usual = iter(items), torch.get_num_threads()
    with ThreadPoolExecutor(n_workers, initializer=_set_own_threads, initargs=(1, n_usual)) as workers:
        begun: deque[Future[_Result]] = deque(workers.submit(compute, item) for item in islice(rest, n_workers + 1))
        try:
            _set_own_threads(1, n_usual)  # the calling thread's own would spin, and take the cores of the workers
            while begun:
                result = begun.popleft().result()
                begun.extend(workers.submit(compute, item) for item in islice(rest, 1))
                yield result
        finally:  # on an error or Ctrl-C: what has not begun is not done any more
            torch.set_num_threads(n_usual)
            for future in begun:
                future.cancel()


def _set_own_threads(n_threads: int, n_others: int) -> None:
    """Set torch's number of threads for the calling thread.

    torch gives each thread, when it uses torch for the first time, the number that was set last, by whichever thread.
    So the calling thread takes its number first, and a moment after ours was set the last one is `n_others` again: a
    thread of the program that begins later must not keep ours for good.
    """
    torch.get_num_threads()
    torch.set_num_threads(n_threads)
    other = threading.Thread(target=torch.set_num_threads, args=(n_others,))
    other.start()
    other.join()
