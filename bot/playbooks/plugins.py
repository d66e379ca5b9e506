"""Actions that plugins bring: found once, at the start, among the installed packages."""

import re
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import structlog

from bot.playbooks.reading_actions import Plugin

GROUP = "hearthbot.actions"
"""The entry point group in which a package names its actions."""

_NAME = re.compile(r"[a-z0-9_-]+\.[a-z0-9_-]+")

log = structlog.get_logger(__name__)


class NoPlugin(Exception):
    """What an entry point leads to is no action; the text says why."""


def load_plugins(found: Iterable[EntryPoint] | None = None) -> dict[str, Plugin]:
    """The actions by their names. One that cannot be used is named in the log, and unknown to playbooks."""
    plugins: dict[str, Plugin] = {}
    for entry in entry_points(group=GROUP) if found is None else found:
        try:
            plugin = _checked(entry.load())
            if plugin.name in plugins:
                raise NoPlugin(f"the name {plugin.name} is taken")
        except Exception as error:  # whatever a package of somebody else's does wrong
            log.error("plugin not used", plugin=entry.value, reason=str(error) or type(error).__name__)
            continue
        plugins[plugin.name] = plugin
    return plugins


def _checked(loaded: Any) -> Plugin:
    """The action itself; a class is called without arguments. Raises `NoPlugin`."""
    plugin = loaded() if isinstance(loaded, type) else loaded
    missing = [name for name in ("name", "read", "perform", "is_repeatable") if not hasattr(plugin, name)]
    if missing:
        raise NoPlugin(f"it has no {', '.join(missing)}")
    name = plugin.name
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise NoPlugin(f"its name must be like vendor.action, not {name!r}")
    checked: Plugin = plugin
    return checked
