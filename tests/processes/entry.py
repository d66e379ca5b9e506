"""What runs in a bot's process of its own: the command line.

The processes are forked from one that has imported the program (multiprocessing's forkserver), because importing it
takes seconds. This module itself imports next to nothing, for the same reason.
"""

import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path


def run(arguments: Sequence[str], environment: Mapping[str, str], folder: Path, number: int, instant: str) -> None:
    """Runs `hearthbot` in a folder, with what it prints in `stdout.N` and `stderr.N`; never returns."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        file = os.open(folder / f"{name}.{number}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, descriptor)
        os.close(file)
    warnings.simplefilter("always")
    from bot.__main__ import main
    from tests.processes.instants import INSTANTS

    INSTANTS[instant]()
    sys.argv = ["hearthbot", *arguments]
    main()
