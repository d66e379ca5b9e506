"""What playbooks post, as it arrives on a Bot API server, and what becomes of what the server does not take."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from textwrap import dedent, indent
from typing import cast

import pytest
from aiohttp import web

from bot.app import know_groups
from bot.engine import Engine
from bot.sandbox import founding, memberships
from bot.sandbox.chats import Chat
from bot.sandbox.conversation import Utterance, say, text_content
from bot.sandbox.members import ALL_RIGHTS, Member
from bot.sandbox.server import build_app
from bot.sandbox.wire import Json
from bot.sandbox.world import Fault, World
from bot.settings import Settings
from handlers.sending import make_bot
from scheduler.lanes import EmbeddedLanes
from scheduler.pace import Limits
from storage.database import EmbeddedDatabase
from tests.conftest import StoppedClock

WORLD = """
bot: {id: 7000000001, token: "7000000001:test", first_name: Hearth, username: hearth_bot}
users:
  - {id: 1, first_name: Olga, language_code: en}
  - {id: 2, first_name: 美玲, language_code: zh}
  - {id: 3, first_name: Ivan, language_code: ru}
groups:
  - id: -100
    title: Bakery
    topics: [{id: 5, name: Bread}, {id: 6, name: Cake}]
    bot: administrator
    members: [{user: 1, status: creator}, {user: 2, status: administrator}, {user: 3, status: administrator}]
  - {id: -200, title: Mill, bot: administrator, members: [{user: 1, status: creator}]}
  - {id: -300, type: group, title: Small, bot: member, members: [{user: 1, status: creator}]}
"""
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR\0\0\0\x20\0\0\0\x10"
KINDS = ("photo", "video", "animation", "document", "poll")


@dataclass
class Shop:
    """A bot with playbook files, on a server of its own. `steps` writes them, `at` lets a time of the day come."""

    world: World
    engine: Engine
    clock: StoppedClock
    root: Path

    async def steps(self, written: str, groups: str = "[Bakery]") -> None:
        (self.root / "day.yaml").write_text(
            f"name: Day\ngroups: {{names: {groups}}}\nsteps:\n{indent(dedent(written), '  ')}", "utf-8"
        )
        await self.engine.playbooks.follow()
        assert [str(mistake) for mistake in self.engine.playbooks.mistakes] == []

    async def at(self, time: str) -> None:
        self.clock.set(datetime.fromisoformat(f"2026-11-22T{time}:01").replace(tzinfo=UTC))
        runner = self.engine.playbook_runner
        await runner.ring()
        await cast(EmbeddedLanes, runner.lanes).idle()
        await self.engine.outbox.deliver()
        await self.engine.vanishing.sweep()

    async def hears(self) -> None:
        """Brings the bot what has happened meanwhile."""
        await self.engine.intake.take(self.world.updates.pending())
        await self.engine.intake.lanes.at_most(0)
        self.world.updates.clear()

    async def writes_in_private(self, user_id: int, text: str) -> None:
        user = self.world.users[user_id]
        say(self.world, self.world.private_chat(user), user, Utterance(text_content(text)))
        await self.hears()

    def chat(self, chat_id: int) -> Chat:
        return self.world.chats[chat_id]

    def seen(self, chat_id: int = -100) -> list[str]:
        """What stands in a chat: each message's kind and words."""
        return [_shown(message) for message in self.chat(chat_id).messages.values() if "from" in message]

    def calls(self, method: str) -> list[Json]:
        return [call.parameters for call in self.world.calls if call.method == method]

    def fails(self, method: str, description: str) -> None:
        self.world.faults.append(Fault(method, 1, 400, description))

    def lets_the_bot(self, *may: str, chat_id: int = -100) -> None:
        """Restricts the bot to some permissions, and tells it nothing of that."""
        chat = self.chat(chat_id)
        chat.members[self.world.bot.id] = Member(self.world.bot, "restricted", permissions=frozenset(may))

    async def states(self) -> list[str]:
        rows = await self.engine.database.read(lambda tx: tx.deliveries.all())
        return [f"{row.slot[-5:]} {row.step} {row.state} {row.note}".strip() for row in rows]


def _shown(message: Json) -> str:
    kind = next((kind for kind in KINDS if kind in message), "")
    topic = f"#{message['message_thread_id']}" if "message_thread_id" in message else ""
    if "pinned_message" in message:
        return "(pinned)"
    said = message.get("text") or message.get("caption") or message.get("poll", {}).get("question", "")
    return " ".join(filter(None, [topic, kind, said]))


@pytest.fixture
async def shop(embedded: EmbeddedDatabase, clock: StoppedClock, tmp_path: Path) -> AsyncIterator[Shop]:
    root = tmp_path / "playbooks"
    root.mkdir()
    for name in ("one.png", "two.png", "cat.mp4", "cat.gif", "menu.pdf"):
        (root / name).write_bytes(PICTURE)
    world = World.load(WORLD, "world.yaml", first_update_id=1, first_message_id=1)
    world.private_chat(world.users[1]).members[world.bot.id] = Member(world.bot)
    server = web.AppRunner(build_app(world), shutdown_timeout=1)
    await server.setup()
    await web.TCPSite(server, "127.0.0.1", 0).start()
    settings = Settings(_env_file=None, bot_token=world.token, owner_ids=frozenset({1}), playbooks_dir=root)  # type: ignore[arg-type]
    bot = make_bot(world.token, f"http://127.0.0.1:{server.addresses[0][1]}")
    engine = Engine(settings, embedded, bot, clock)
    engine.pace.limits = Limits(inf, inf, 10**6)
    engine.pace.monotonic = lambda: clock.now.timestamp()
    await know_groups(engine.groups, world)
    async with engine.running():
        engine.alarms.stop()
        yield Shop(world, engine, clock, root)
    await server.cleanup()


async def test_everything_that_can_be_posted_arrives_as_it_was_written(shop: Shop) -> None:
    await shop.steps("""\
        - id: all
          at: "10:00"
          do:
            - send: {text: "<b>Two</b>", album: [one.png, two.png]}
            - send: {text: A cat, video: cat.mp4, silent: true}
            - send: {animation: cat.gif}
            - send:
                text: Menu
                document: menu.pdf
                buttons: [[{text: In, do: checkin}, {text: Shop, url: "https://example.org"}]]
            - poll:
                question: Is {{ group.title }} < & > the rest?
                options: [<b>, 1 & 2]
                anonymous: false
                multiple: true
                open_for: 10m
            - quiz: {question: Hot?, options: [50 °C, 80 °C], correct: 80 °C, explanation: "<b>Not</b> 100 &amp; over"}
        """)
    await shop.at("10:00")

    assert shop.seen() == ["photo Two", "photo", "video A cat", "animation", "document Menu",
                           "poll Is Bakery < & > the rest?", "poll Hot?"]  # fmt: skip
    messages = list(shop.chat(-100).messages.values())
    assert messages[0]["media_group_id"] == messages[1]["media_group_id"]
    buttons = messages[4]["reply_markup"]["inline_keyboard"]
    assert [[button["text"], button.get("url")] for button in buttons[0]] == [
        ["In", None],
        ["Shop", "https://example.org"],
    ]
    assert shop.calls("sendVideo")[0]["disable_notification"] == "true"
    assert shop.calls("sendDocument")[0]["disable_notification"] == "false"
    poll, quiz = messages[5]["poll"], messages[6]["poll"]
    assert [option["text"] for option in poll["options"]] == ["<b>", "1 & 2"]
    assert (poll["is_anonymous"], poll["allows_multiple_answers"], poll["type"]) == (False, True, "regular")
    assert shop.calls("sendPoll")[0]["open_period"] == "600"
    assert (quiz["type"], quiz["correct_option_ids"], quiz["explanation"]) == ("quiz", [1], "Not 100 & over")
    assert await shop.states() == ["10:00 all sent"]


async def test_what_a_topic_does_not_take_comes_outside_of_it(shop: Shop) -> None:
    await shop.steps("""\
        - {id: open, at: "10:00", do: [send: {text: Rye, topic: 5}]}
        - id: closed
          at: "10:01"
          do: [send: {text: Wheat, topic: 5}, poll: {question: "Which?", options: [a, b], topic: 5}]
        - {id: gone, at: "10:02", do: [send: {text: Scone, photo: one.png, topic: 6}]}
        """)
    await shop.at("10:00")
    shop.chat(-100).topics[5].is_closed = True
    await shop.at("10:01")
    del shop.chat(-100).topics[6]
    await shop.at("10:02")

    assert shop.seen() == ["#5 Rye", "Wheat", "poll Which?", "photo Scone"]


async def test_a_picture_that_cannot_come_takes_no_text_with_it(shop: Shop) -> None:
    await shop.steps("""\
        - id: picture
          at: ["10:00", "10:01", "10:02", "10:03", "10:04", "10:05"]
          do: [send: {text: Loaf, photo: one.png}]
        - {id: bare, at: "10:05", do: [send: {photo: one.png}]}
        - {id: pair, at: "10:02", do: [send: {text: Pair, album: [one.png, two.png]}]}
        """)
    await shop.at("10:00")
    await shop.at("10:01")
    assert shop.seen() == ["photo Loaf", "photo Loaf"]
    assert len({message["photo"][-1]["file_id"] for message in shop.chat(-100).messages.values()}) == 1

    shop.world.files = type(shop.world.files)()  # the server knows none of them any more
    await shop.at("10:02")
    assert shop.seen()[2:] == ["photo Loaf", "photo Pair", "photo"]
    for refusal in ("wrong type of the web page content", "IMAGE_PROCESS_FAILED"):
        shop.fails("sendPhoto", f"Bad Request: {refusal}")
    await shop.at("10:03")
    shop.lets_the_bot("can_send_messages")
    await shop.at("10:04")
    (shop.root / "one.png").unlink()
    await shop.at("10:05")

    assert shop.seen()[5:] == ["Loaf", "Loaf", "Loaf"]
    assert (await shop.states())[-2:] == ["10:05 picture sent", "10:05 bare failed"]


async def test_what_is_refused_ends_its_step_and_no_other(shop: Shop) -> None:
    await shop.steps("""\
        - {id: long, at: "10:00", do: [send: Too long, send: After it]}
        - {id: poll, at: "10:01", do: [poll: {question: "Which?", options: [a, b]}]}
        - {id: bare, at: "10:02", do: [send: {animation: cat.gif}]}
        - {id: text, at: "10:03", do: [send: Still here]}
        """)
    shop.fails("sendMessage", "Bad Request: message is too long")
    await shop.at("10:00")
    shop.lets_the_bot("can_send_messages")
    await shop.at("10:01")
    await shop.at("10:02")
    await shop.at("10:03")

    assert shop.seen() == ["Still here"]
    assert await shop.states() == ["10:00 long failed", "10:01 poll failed", "10:02 bare failed", "10:03 text sent"]
    assert shop.seen(1) == []


async def test_where_the_bot_may_not_write_or_is_not_any_more_all_rests_and_operators_are_told_once(shop: Shop) -> None:
    await shop.writes_in_private(2, "/help")
    steps = '- {id: bread, at: ["10:00", "10:01", "10:10"], do: [send: {text: Bread, photo: one.png}, send: More]}'
    await shop.steps(steps, groups="[Bakery, Mill, Small]")
    shop.lets_the_bot()
    shop.chat(-200).members[shop.world.bot.id] = Member(shop.world.bot, "kicked")
    await shop.at("10:00")
    tried = len(shop.world.calls)
    await shop.at("10:01")

    assert [shop.seen(-100), shop.seen(-200), shop.seen(-300)] == [[], [], ["photo Bread", "More"] * 2]
    assert len(shop.world.calls) - tried == 2
    assert sorted(told.partition(", so")[0] for told in shop.seen(1)) == [
        "📕 I can no longer write in Bakery",
        "📕 I can no longer write in Mill",
    ]
    assert [told for told in shop.seen(2) if told.startswith("📕")] == [
        "📕 我在Bakery里不能发言了，那里的剧本已暂停。等我回到群里、恢复发言权限后会自动继续。"
    ]
    assert shop.world.private_chat(shop.world.users[3]).messages == {}
    for chat_id in (-100, -200):
        memberships.change(shop.world, shop.chat(chat_id), Member(shop.world.bot), shop.world.users[1])
    await shop.hears()
    await shop.at("10:10")
    assert [shop.seen(chat_id)[-2:] for chat_id in (-100, -200)] == [["photo Bread", "More"]] * 2
    assert len(shop.seen(1)) == 2


async def test_what_the_bot_may_not_pin_or_delete_stays_as_it_is_and_the_day_goes_on(shop: Shop) -> None:
    await shop.steps("""\
        - {id: offer, at: ["10:00", "10:01", "10:02"], do: [send: {text: Offer, pin: true, replaces: true}]}
        """)
    bot = shop.world.bot
    shop.chat(-100).members[bot.id] = Member(bot, "administrator", rights=ALL_RIGHTS - {"can_pin_messages"})
    shop.fails("deleteMessage", "Bad Request: message can't be deleted")
    await shop.at("10:00")
    await shop.at("10:01")
    assert shop.seen() == ["Offer", "Offer"]

    shop.chat(-100).members[bot.id] = Member(bot, "administrator")
    await shop.at("10:02")

    newest = max(number for number, message in shop.chat(-100).messages.items() if message.get("text"))
    assert (shop.seen(), shop.chat(-100).pinned) == (["Offer", "Offer", "(pinned)"], [newest])
    assert await shop.states() == [f"10:0{minute} offer sent" for minute in range(3)]
    assert shop.seen(1) == []


async def test_a_post_follows_a_group_that_moves_meanwhile(shop: Shop) -> None:
    await shop.steps("""\
        - id: tea
          at: "10:00"
          do:
            - send: {text: Pair, album: [one.png, two.png]}
            - wait: 5m
            - send: Tea
        """, groups="[Small]")  # fmt: skip
    new = founding.migrate(shop.world, shop.chat(-300))
    await shop.at("10:00")
    await shop.hears()
    await shop.at("10:05")

    assert [line for line in shop.seen(new.id) if line] == ["photo Pair", "photo", "Tea"]
    assert [call["chat_id"] for call in shop.calls("sendMediaGroup")] == ["-300", str(new.id)]
    assert [call["chat_id"] for call in shop.calls("sendMessage")] == [str(new.id)]
    assert await shop.states() == ["10:00 tea sent"]


async def test_a_chat_that_asks_for_patience_gets_its_posts_later_in_their_order(shop: Shop) -> None:
    await shop.steps("""\
        - {id: first, at: "10:00", do: [send: First]}
        - {id: second, at: "10:00", do: [send: Second]}
        """, groups="[Bakery, Mill]")  # fmt: skip
    shop.world.faults.append(Fault("sendMessage", 1, 429, "", retry_after=70))
    await shop.at("10:00")
    late = -100 if not shop.seen(-100) else -200
    assert (shop.seen(late), shop.seen(-300 - late)) == ([], ["First", "Second"])
    await shop.at("10:01")
    assert shop.seen(late) == []

    await shop.at("10:02")

    assert shop.seen(late) == ["First", "Second"]
    assert len(shop.calls("sendMessage")) == 5
