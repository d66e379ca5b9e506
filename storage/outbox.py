"""What the bot has to say in groups: written down word for word before it is said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from storage.tables import groups, outbox

_IS_ALIVE = text("outbox.state IN ('waiting', 'sending')")


@dataclass(frozen=True, slots=True)
class Post:
    """Something to say once in a group. `reason` is unique there; `button` is (what it says, what it sends back).

    With a `file` it is a document of that name, and the text stands below it.
    """

    reason: str
    text: str
    button: tuple[str, str] | None = None
    file_name: str | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A post that this process alone is to send, and how often that was tried before."""

    id: int
    chat_id: int
    post: Post
    tries: int


@dataclass(frozen=True, slots=True)
class OutboxRepository:
    """The posts of one transaction."""

    connection: Connection

    def add(self, group_id: int, posts: Iterable[Post], at: datetime) -> None:
        """Lets posts be sent, in this order; one whose reason was there before changes nothing."""
        for post in posts:
            row = {"group_id": group_id, "reason": post.reason, "text": post.text, "button": post.button,
                   "file_name": post.file_name, "file": post.file, "state": "waiting", "due_at": at}  # fmt: skip
            self.connection.execute(insert(outbox).values(row).on_conflict_do_nothing())

    def due(self, now: datetime, group_id: int | None = None) -> Sequence[int]:
        """The posts whose turn it is: in every group (or in one) the oldest that is not done, if its time has come."""
        first = select(func.min(outbox.c.id)).where(_IS_ALIVE).group_by(outbox.c.group_id)
        if group_id is not None:
            first = first.where(outbox.c.group_id == group_id)
        statement = select(outbox.c.id).where(outbox.c.id.in_(first), outbox.c.due_at <= now).order_by(outbox.c.id)
        return self.connection.execute(statement).scalars().all()

    def claim(self, post_id: int, now: datetime, until: datetime) -> Claimed | None:
        """Takes a post that is due, if nobody else has by now; unless it is marked before `until`, another may."""
        statement = (
            update(outbox)
            .where(outbox.c.id == post_id, _IS_ALIVE, outbox.c.due_at <= now)
            .values(state="sending", due_at=until, tries=outbox.c.tries + 1)
        )
        if not self.connection.execute(statement).rowcount:
            return None
        row = self.connection.execute(
            select(outbox, groups.c.chat_id)
            .join(groups, groups.c.id == outbox.c.group_id)
            .where(outbox.c.id == post_id, groups.c.chat_id.is_not(None))
        ).one()
        button = tuple(row.button) if row.button else None
        post = Post(row.reason, row.text, button, row.file_name, row.file)
        return Claimed(post_id, row.chat_id, post, row.tries - 1)

    def sent(self, post_id: int, message_id: int) -> None:
        """Notes that the platform took it."""
        self._mark(post_id, state="sent", message_id=message_id, file=None)

    def failed(self, post_id: int) -> None:
        """Gives a post up, which the platform will never take."""
        self._mark(post_id, state="failed")

    def postpone(self, post_id: int, until: datetime) -> None:
        """Lets a post be tried again."""
        self._mark(post_id, state="waiting", due_at=until)

    def release(self, now: datetime) -> None:
        """Lets everything that is `sending` be tried at once, when its senders are known to be dead."""
        self.connection.execute(update(outbox).where(outbox.c.state == "sending").values(state="waiting", due_at=now))

    def message_id(self, group_id: int, reason: str) -> int | None:
        """The message that a post became."""
        return self.connection.execute(
            select(outbox.c.message_id).where(outbox.c.group_id == group_id, outbox.c.reason == reason)
        ).scalar()

    def is_done(self, group_id: int, reason: str) -> bool:
        """Whether a post was sent or given up."""
        alive = select(outbox.c.id).where(outbox.c.group_id == group_id, outbox.c.reason == reason, _IS_ALIVE)
        return self.connection.execute(alive).first() is None

    def _mark(self, post_id: int, **values: object) -> None:
        self.connection.execute(
            update(outbox).where(outbox.c.state == "sending", outbox.c.id == post_id).values(**values)
        )
