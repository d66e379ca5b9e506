"""What runs in a bot's process of its own: the command line.

The processes are forked from one that has imported the program (multiprocessing's forkserver), because importing it
takes seconds. This module itself imports next to nothing, for the same reason.
"""

import os
import signal
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

ARMED = "armed: "
"""What a bot prints before the instant that it was told to wait for."""


def run(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, number: int, instant: str,
    ring: float | None,
) -> None:  # fmt: skip
    """Runs `hearthbot` in a folder, with what it prints in `stdout.N` and `stderr.N`; never returns.

    With `ring` it looks at what is due every so many seconds, and SIGUSR1 tells it to wait for the instant that is
    named in `instant.N`.
    """
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        file = os.open(folder / f"{name}.{number}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, descriptor)
        os.close(file)
    warnings.simplefilter("always")
    from bot.__main__ import main
    from tests.processes.instants import INSTANTS, ring_every

    def arm(*_: object) -> None:
        named = (folder / f"instant.{number}").read_text()
        INSTANTS[named]()
        os.write(1, f"{ARMED}{named}\n".encode())

    INSTANTS[instant]()
    if ring is not None:
        ring_every(ring)
        signal.signal(signal.SIGUSR1, arm)
    sys.argv = ["hearthbot", *arguments]
    main()
