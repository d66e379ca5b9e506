"""Which items of a library a group has had."""

from collections.abc import Set
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from storage.tables import library_turns


@dataclass(frozen=True, slots=True)
class LibraryRepository:
    """The libraries' turns of one transaction."""

    connection: Connection

    def item_of(self, delivery_id: int, position: int) -> str | None:
        """The item of a library that an action has taken."""
        mine = (library_turns.c.delivery_id == delivery_id, library_turns.c.position == position)
        return self.connection.execute(select(library_turns.c.item).where(*mine)).scalar()

    def turn(self, group_id: int, library: str) -> tuple[int, Set[str]]:
        """Which turn of a library a group is in, and the items it has had in it."""
        mine = (library_turns.c.group_id == group_id, library_turns.c.library == library)
        turn = self.connection.execute(select(func.max(library_turns.c.turn)).where(*mine)).scalar() or 0
        had = select(library_turns.c.item).where(*mine, library_turns.c.turn == turn)
        return turn, set(self.connection.execute(had).scalars())

    def take(self, group_id: int, library: str, turn: int, item: str, delivery_id: int, position: int) -> None:
        """Notes that an action has taken an item of a library; those of turns long past are forgotten."""
        row = {"group_id": group_id, "library": library, "turn": turn, "item": item, "delivery_id": delivery_id,
               "position": position}  # fmt: skip
        self.connection.execute(insert(library_turns).values(row))
        mine = (library_turns.c.group_id == group_id, library_turns.c.library == library)
        self.connection.execute(delete(library_turns).where(*mine, library_turns.c.turn < turn - 1))
