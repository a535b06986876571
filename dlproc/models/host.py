"""The process around dlproc: settings of torch that would change the scores, and processes in which torch hangs.

A program that uses dlproc may have set torch's default device, autocast, or TF32. Scores must not depend on it. What
torch keeps for each thread is set for this thread alone. What it has once for the whole process is changed only where
it matters, and given back when the last of all calls that overlap has ended. No tensor takes torch's default type.

References
----------
docs/threads.md : what is safe.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch

from dlproc.errors import DLError


@contextmanager
def own_settings() -> Iterator[None]:
    """Compute in float32, and on a graphics card by algorithms that give the same bytes twice, whatever is set outside.

    Raises
    ------
    DLError
        This process was forked after torch had started threads: it would wait for them for ever.
    """
    _check_process()
    with ExitStack() as stack:
        if torch.get_default_device().type != "cpu":
            stack.enter_context(torch.device("cpu"))
        if torch.is_inference_mode_enabled():
            stack.enter_context(torch.inference_mode(False))
        if not torch.is_grad_enabled():
            stack.enter_context(torch.enable_grad())
        for kind in ("cpu", "cuda"):
            if torch.is_autocast_enabled(kind):
                stack.enter_context(torch.autocast(kind, enabled=False))
        stack.enter_context(_exact_float32())
        yield


class _Shared:
    """Settings that torch has once for the whole process, while calls of several threads overlap."""

    lock = threading.Lock()
    n_inside = 0
    before: tuple[Any, ...] = ()


@contextmanager
def _exact_float32() -> Iterator[None]:
    """Convolutions and products in float32, not in TF32 or bfloat16, by algorithms that give the same bytes twice."""
    settings = _exact_settings()
    with _Shared.lock:
        is_changed = bool(_Shared.n_inside) or torch.backends.cuda.is_built() or not _is_exact_on_cpu()
        if is_changed and _Shared.n_inside == 0:
            _Shared.before = tuple(getattr(where, name) for where, name, _ in settings)
            for where, name, value in settings:
                setattr(where, name, value)
        _Shared.n_inside += is_changed
    try:
        yield
    finally:
        with _Shared.lock:
            _Shared.n_inside -= is_changed
            if is_changed and _Shared.n_inside == 0:
                for (where, name, _), value in zip(settings, _Shared.before, strict=True):
                    setattr(where, name, value)


def _is_exact_on_cpu() -> bool:
    """Whether nobody has asked for less than float32 on the CPU, which is the usual case: then nothing is changed."""
    on_cpu: Any = torch.backends.mkldnn
    if not hasattr(on_cpu, "matmul"):
        return torch.get_float32_matmul_precision() == "highest"
    return {on_cpu.conv.fp32_precision, on_cpu.matmul.fp32_precision} <= {"none", "ieee"}


def _exact_settings() -> list[tuple[Any, str, Any]]:
    """Where each setting is, its name, and its value for exact float32."""
    backends: Any = torch.backends
    cudnn, cuda, on_cpu = backends.cudnn, backends.cuda, backends.mkldnn
    settings: list[tuple[Any, str, Any]] = [(cudnn, "deterministic", True), (cudnn, "benchmark", False)]
    if not hasattr(cudnn, "conv"):  # torch has two names for TF32, and refuses the older one where the newer was used
        return [*settings, (cudnn, "allow_tf32", False), (cuda.matmul, "allow_tf32", False)]
    return settings + [
        (where, "fp32_precision", "ieee") for where in (cudnn.conv, cuda.matmul, on_cpu.conv, on_cpu.matmul)
    ]


class _Threads:
    """The process that computed with several threads of torch; 0: none has yet."""

    process = 0


def _check_process() -> None:
    """Raise `DLError` in a process that was forked from one in which torch has threads: they do not exist here."""
    if torch.get_num_threads() == 1:
        return
    process = os.getpid()
    if _Threads.process not in (0, process):
        expected = "a process that was not forked after dlproc had computed with several threads"
        got = f"process {process}, forked from {_Threads.process}"
        hint = (
            "torch would wait for ever; start workers with multiprocessing.get_context('spawn'), or before the first "
            "model is used, or call torch.set_num_threads(1) in them; see docs/threads.md"
        )
        raise DLError("this process", expected, got, hint)
    _Threads.process = process
