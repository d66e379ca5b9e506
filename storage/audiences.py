"""Which groups a playbook posts to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, or_

from storage.groups import IS_PRESENT, zone_of
from storage.tables import groups

REST = timedelta(minutes=30)
"""How long playbooks rest in a group where the bot may not write, unless it is told of new rights before.

Of rights that a group gives to everybody, such as after a night in which nobody may write, no bot is told.
"""


@dataclass(frozen=True, slots=True)
class Where:
    """The groups of a playbook that live in one zone: those with any of the tags or names; all if there are none.

    `default_zone` is the zone of groups that have set none; a zone of None is "any".
    """

    zone: str | None
    default_zone: str
    tags: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


EVERYWHERE = Where(None, "")
"""All groups, in whatever zone."""


def in_groups(statement: Select[Any], where: Where, now: datetime) -> Select[Any]:
    """A selection from the groups, narrowed to those of a playbook that may be posted to."""
    statement = statement.where(*IS_PRESENT, or_(groups.c.rests_since.is_(None), groups.c.rests_since <= now - REST))
    if where.zone is not None:
        statement = statement.where(zone_of(where.default_zone) == where.zone)
    wanted = [_has_tag(tag) for tag in sorted(where.tags)]
    if where.names:
        names = sorted(where.names)
        wanted += [groups.c.title.in_(names), cast(groups.c.chat_id, String).in_(names)]
    return statement.where(or_(*wanted)) if wanted else statement


def _has_tag(tag: str) -> ColumnElement[bool]:
    tags = func.coalesce(groups.c.settings["tags"].as_string(), "")
    return (" " + tags + " ").contains(f" {tag} ", autoescape=True)
