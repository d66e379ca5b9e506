"""What the bot has to say in groups and to their members: written down word for word before it is said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from storage.tables import groups, outbox

AT_ONCE = 20
"""Posts that are sent side by side; the platform takes some 30 a second."""

_IS_ALIVE = text("outbox.state IN ('waiting', 'sending')")
_PIN_IS_DUE = text("outbox.pin IN ('wanted', 'unwanted')")


@dataclass(frozen=True, slots=True)
class Post:
    """Something to say once in a group, or to one of its members (`to`). `reason` is unique in the group.

    A button is (what it says, what it sends back); one that sends `?start=…` back leads into the private chat instead.
    With a `file` it is a document of that name, and the text stands below it. `pin` lets it be pinned, silently. It
    stands in the `topic`, if there is one.
    """

    reason: str
    text: str
    buttons: Sequence[tuple[str, str]] = ()
    file_name: str | None = None
    file: str | None = None
    to: int | None = None
    pin: bool = False
    topic: int | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A post that this process alone is to send, and how often that was tried before."""

    id: int
    chat_id: int
    post: Post
    tries: int


@dataclass(frozen=True, slots=True)
class Pin:
    """A message to be pinned (`wanted`) or unpinned (`unwanted`)."""

    post_id: int
    chat_id: int
    message_id: int
    wish: str


@dataclass(frozen=True, slots=True)
class OutboxRepository:
    """The posts of one transaction."""

    connection: Connection

    def add(self, group_id: int, posts: Iterable[Post], at: datetime) -> None:
        """Lets posts be sent, in this order; one whose reason was there before changes nothing."""
        for post in posts:
            row = {"group_id": group_id, "reason": post.reason, "text": post.text, "buttons": list(post.buttons),
                   "file_name": post.file_name, "file": post.file, "state": "waiting", "due_at": at,
                   "user_id": post.to, "pin": "wanted" if post.pin else None, "topic": post.topic}  # fmt: skip
            self.connection.execute(insert(outbox).values(row).on_conflict_do_nothing())

    def due(self, now: datetime, group_id: int | None = None) -> Sequence[int]:
        """The posts whose turn it is, at most `AT_ONCE`: for every group (or for one) and for every member the oldest
        that is not done, if its time has come.
        """
        first = select(func.min(outbox.c.id)).where(_IS_ALIVE).group_by(outbox.c.group_id, outbox.c.user_id)
        if group_id is not None:
            first = first.where(outbox.c.group_id == group_id)
        statement = select(outbox.c.id).where(outbox.c.id.in_(first), outbox.c.due_at <= now)
        return self.connection.execute(statement.order_by(outbox.c.id).limit(AT_ONCE)).scalars().all()

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
        buttons = [(says, sends_back) for says, sends_back in row.buttons]
        post = Post(row.reason, row.text, buttons, row.file_name, row.file, row.user_id, row.pin is not None, row.topic)
        return Claimed(post_id, row.user_id or row.chat_id, post, row.tries - 1)

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

    def withdraw(self, group_id: int, reason: str) -> bool:
        """Takes a post back; False when somebody may have read it by now, or when there is none."""
        was_never_tried = and_(outbox.c.state == "waiting", outbox.c.tries == 0)
        was_refused = and_(outbox.c.state == "failed", outbox.c.tries == 1)
        statement = delete(outbox).where(
            outbox.c.group_id == group_id, outbox.c.reason == reason, or_(was_never_tried, was_refused)
        )
        return self.connection.execute(statement).rowcount == 1

    def pins(self) -> Sequence[Pin]:
        """The posts that are to be pinned or unpinned now."""
        statement = (
            select(outbox.c.id, groups.c.chat_id, outbox.c.message_id, outbox.c.pin)
            .join(groups, groups.c.id == outbox.c.group_id)
            .where(_PIN_IS_DUE, outbox.c.state == "sent", groups.c.chat_id.is_not(None))
        )
        return [Pin(*row) for row in self.connection.execute(statement.order_by(outbox.c.id))]

    def pin(self, group_id: int, reason: str) -> None:
        """Lets a post be pinned that is not."""
        is_not = or_(outbox.c.pin.is_(None), outbox.c.pin != "pinned")
        self.connection.execute(
            update(outbox).where(outbox.c.group_id == group_id, outbox.c.reason == reason, is_not).values(pin="wanted")
        )

    def unpin(self, group_id: int, reason: str) -> None:
        """Lets a post be unpinned, if it was pinned or is to be."""
        self.connection.execute(
            update(outbox)
            .where(outbox.c.group_id == group_id, outbox.c.reason == reason, outbox.c.pin.in_(("wanted", "pinned")))
            .values(pin="unwanted")
        )

    def pin_done(self, pin: Pin) -> None:
        """Notes that this was done, unless something else is wanted by now."""
        after = "pinned" if pin.wish == "wanted" else "unpinned"
        statement = update(outbox).where(outbox.c.id == pin.post_id, outbox.c.pin == pin.wish)
        self.connection.execute(statement.values(pin=after))

    def _mark(self, post_id: int, **values: object) -> None:
        self.connection.execute(
            update(outbox).where(outbox.c.state == "sending", outbox.c.id == post_id).values(**values)
        )
