"""Takes from this process all that it does not need, so that whoever takes it over has nothing.

What is open stays usable: two pipes. No file, socket or process can be opened any more, nothing be
written to a disk, and memory and processor time end. None of it can be taken back.
"""

import ctypes
import platform
import resource
import sys
from collections.abc import Sequence

MEMORY_BYTES = 1024 * 1024 * 1024
PROCESSOR_SECONDS = 10

_LIMITS = (
    (resource.RLIMIT_AS, MEMORY_BYTES),
    (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_FSIZE, 0),
    (resource.RLIMIT_NPROC, 0),
    (resource.RLIMIT_NOFILE, 0),
)

# prctl(2) and seccomp(2)
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050001  # the last with EPERM
_NUMBER, _MACHINE = 0, 4  # places in the kernel's record of a call

# By machine: what the kernel calls it, and the numbers of: read, write, close, fstat, lseek, mmap,
# mprotect, munmap, brk, mremap, madvise, signals' own four, futex, clocks, the process's own ids,
# getrandom, sched_yield, exit, exit_group, tgkill (to itself, when it aborts).
# fmt: off
_CALLS = {
    "x86_64": (
        0xC000003E,
        (
            0, 1, 3, 5, 8, 9, 10, 11, 12, 25, 28, 13, 14, 15, 131, 202, 228, 96, 39, 186,
            318, 24, 60, 231, 234,
        ),
    ),
    "aarch64": (
        0xC00000B7,
        (
            63, 64, 57, 80, 62, 222, 226, 215, 214, 216, 233, 134, 135, 139, 132, 98, 113, 169, 172,
            178, 278, 124, 93, 94, 131,
        ),
    ),
}
# fmt: on


class _Step(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("then", ctypes.c_uint8),
        ("otherwise", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("steps", ctypes.POINTER(_Step)))


def confine(*, calls: bool = True) -> bool:
    """Sets the limits, and with `calls` lets Linux refuse every call but those that compute.

    True where it does; other kernels, and machines that are not listed, have the limits alone.
    Everything must be imported and loaded before.
    """
    for limit, wanted in _LIMITS:
        hardest = resource.getrlimit(limit)[1]
        least = wanted if hardest == resource.RLIM_INFINITY else min(wanted, hardest)
        resource.setrlimit(limit, (least, least))
    return calls and sys.platform == "linux" and _refuse_calls()


def _refuse_calls() -> bool:
    if platform.machine() not in _CALLS or sys.maxsize < 2**32:
        return False
    machine, allowed = _CALLS[platform.machine()]
    steps = _steps(machine, allowed)
    program = _Program(len(steps), (_Step * len(steps))(*steps))
    control = ctypes.CDLL(None).prctl
    control.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p) + (ctypes.c_ulong,) * 2
    if control(_NO_NEW_PRIVILEGES, 1, None, 0, 0) != 0:
        return False
    refused: int = control(_SET_SECCOMP, _FILTER, ctypes.addressof(program), 0, 0)
    return refused == 0


def _steps(machine: int, allowed: Sequence[int]) -> list[_Step]:
    """A filter: a call of another machine's kind kills, one that is not in the list is refused."""
    return [
        _Step(_LOAD, 0, 0, _MACHINE),
        _Step(_EQUAL, 1, 0, machine),
        _Step(_RETURN, 0, 0, _KILL),
        _Step(_LOAD, 0, 0, _NUMBER),
        *[_Step(_EQUAL, len(allowed) - place, 0, call) for place, call in enumerate(allowed)],
        _Step(_RETURN, 0, 0, _REFUSE),
        _Step(_RETURN, 0, 0, _ALLOW),
    ]
