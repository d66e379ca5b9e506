"""What every bot's process begins with: the program, imported, and its texts, read.

The server that processes are forked from loads this once. Freezing what is there keeps the garbage collection at a
bot's start off the memory that it shares with that server; it would copy all of it.
"""

import gc
import importlib

from bot.texts import load_texts

for _name in (
    "aiosqlite",
    "apscheduler.executors.asyncio",
    "bot.__main__",
    "bot.app",
    "bot.failures",
    "encodings.ascii",
    "psycopg",
    "pytest.__main__",
    "sqlalchemy.dialects.postgresql.psycopg",
    "storage.migrate",
    "tests.processes.instants",
    "tzdata.zoneinfo",
):
    importlib.import_module(_name)
load_texts()
gc.collect()
gc.freeze()
