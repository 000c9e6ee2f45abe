"""This machine's architecture to a filter of system calls, as the classic BPF program that bubblewrap loads.

Everything that a namespace does not confine is refused: tracing others, mounting, new namespaces, keys, kernel
modules, io_uring (which passes filters by), memory that no limit counts, and sockets other than UNIX and the internet
family, since AF_VSOCK and AF_NETLINK reach past a network namespace.
"""

from __future__ import annotations

import errno
import platform
import struct

NATIVE = {
    "x86_64": 0xC000003E,
    "aarch64": 0xC00000B7,
}
CLONE = {"x86_64": 56, "aarch64": 220}
CLONE3 = 435
SOCKET = {"x86_64": 41, "aarch64": 198}
X32 = 0x40000000
NEW_NAMESPACE = 0x7E020080
"""CLONE_NEWUSER, NEWPID, NEWNET, NEWNS, NEWIPC, NEWUTS, NEWCGROUP and NEWTIME."""
FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6

REFUSED: dict[str, tuple[int, int]] = {  # name -> number on x86_64, on aarch64; -1 where there is none
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "quotactl": (179, 60),
    "acct": (163, 89),
    "iopl": (172, -1),
    "ioperm": (173, -1),
    "personality": (135, 92),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
}

LOAD, EQUAL, ANY, RETURN = 0x20, 0x15, 0x45, 0x06
NUMBER, ARCH, FIRST = 0, 4, 16
KILL, ALLOW = 0x80000000, 0x7FFF0000


def _errno(number: int) -> int:
    return 0x00050000 | number


def supported() -> bool:
    """Whether there is a filter for this machine."""
    return platform.machine() in NATIVE


def program(machine: str = "") -> bytes:
    """The filter for a machine (default: this one). Raises KeyError where `supported` is False."""
    machine = machine or platform.machine()
    column = list(NATIVE).index(machine)
    steps = [_step(LOAD, ARCH), _step(EQUAL, NATIVE[machine], 1, 0), _step(RETURN, KILL), _step(LOAD, NUMBER)]
    if machine == "x86_64":
        steps += [_step(ANY, X32, 0, 1), _step(RETURN, _errno(errno.EPERM))]
    for numbers in REFUSED.values():
        if numbers[column] >= 0:
            steps += [_step(EQUAL, numbers[column], 0, 1), _step(RETURN, _errno(errno.EPERM))]
    # clone3 hides its flags behind a pointer; told that it does not exist, libc falls back on clone
    steps += [_step(EQUAL, CLONE3, 0, 1), _step(RETURN, _errno(errno.ENOSYS))]
    steps += [_step(EQUAL, CLONE[machine], 0, 4), _step(LOAD, FIRST), _step(ANY, NEW_NAMESPACE, 0, 1)]
    steps += [_step(RETURN, _errno(errno.EPERM)), _step(RETURN, ALLOW)]
    steps += [_step(EQUAL, SOCKET[machine], 0, 2 + len(FAMILIES)), _step(LOAD, FIRST)]
    steps += [_step(EQUAL, family, len(FAMILIES) - at, 0) for at, family in enumerate(FAMILIES)]
    steps += [_step(RETURN, _errno(errno.EPERM)), _step(RETURN, ALLOW)]
    return b"".join(steps)


def _step(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_so, if_not, value)
