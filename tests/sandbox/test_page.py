"""The sandbox's page in a real browser. The test plays the visitor, and the bot over the Bot API."""

import os
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession, FormData, web

from bot.domain.slots import Times
from bot.playbooks.model import Poll, Step
from bot.playbooks.rehearsal_page import as_page
from bot.sandbox.sample_media import sample_photo
from bot.sandbox.server import build_app
from bot.sandbox.world import World, default_world
from scheduler.rehearsal import Plan, rehearse
from storage.groups import GroupRow
from tests.scheduler.conftest import NoHolidays, Plain, playbook, step

CI = bool(os.environ.get("CI"))

try:
    from playwright.async_api import ConsoleMessage, Error, Locator, Page, Route, async_playwright, expect
except ModuleNotFoundError:
    if CI:
        raise
    pytest.skip("playwright is not installed: it comes with the dev extra", allow_module_level=True)

CHROMIUM = shutil.which("chromium")
if CHROMIUM is None and not CI:
    pytest.skip("chromium is not installed: the page cannot be shown", allow_module_level=True)

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
FORUM = """
bot: {id: 7000000001, token: "7000000001:sandbox", first_name: Hearth, username: hearth_demo_bot}
users: [{id: 1003, first_name: Maya}]
groups:
  - id: -1002000000005
    type: supergroup
    title: Readers
    topics: [{id: 5, name: Books}]
    bot: administrator
    members: [{user: 1003, status: creator}]
"""
PATIENCE = 60_000
"""Milliseconds in which a page shows anything however busy the machine is."""

SHOP = -1002000000001
RAIN, MAYA, MAX, NOOR = 1001, 1003, 1006, 1007


@dataclass
class Server:
    """The sandbox on a port of its own; it can be stopped and started again with the same world."""

    world: World
    port: int = 0
    runner: web.AppRunner | None = None

    async def start(self) -> None:
        self.runner = web.AppRunner(build_app(self.world))
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port).start()
        self.port = self.runner.addresses[0][1]

    async def stop(self) -> None:
        if self.runner:
            await self.runner.cleanup()
        self.runner = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass
class Bot:
    """A bot that says what it is told to."""

    http: ClientSession
    server: Server

    async def call(self, method: str, **parameters: Any) -> Any:
        return await self._post(method, json=parameters)

    async def upload(self, method: str, form: FormData) -> Any:
        return await self._post(method, data=form)

    async def _post(self, method: str, **content: Any) -> Any:
        address = f"{self.server.address}/bot{self.server.world.token}/{method}"
        async with self.http.post(address, **content) as response:
            answer = await response.json()
        assert answer["ok"], answer
        return answer["result"]

    async def next_press(self) -> dict[str, Any]:
        (update,) = await self.call("getUpdates", allowed_updates=["callback_query"], timeout=50, offset=-1)
        query: dict[str, Any] = update["callback_query"]
        return query


@dataclass
class Stage:
    """The page as a visitor has it before them."""

    page: Page
    server: Server
    bot: Bot
    complaints: list[str]

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def input(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message")

    def message(self, text: str) -> Locator:
        return self.log.get_by_role("article").filter(has_text=text)

    async def open(self) -> None:
        await self.page.goto(self.server.address)
        await expect(self.page.get_by_role("heading", name="围炉小店")).to_be_visible()

    def person(self, name: str) -> Locator:
        return self.page.get_by_role("radio", name=name)

    async def become(self, name: str) -> None:
        await self.person(name).check()

    async def say(self, text: str) -> None:
        await self.input.fill(text)
        await self.input.press("Enter")

    async def choose(self, text: str, choice: str) -> None:
        """A choice of a message's menu."""
        await self.message(text).locator(".bubble").click(button="right")
        await self.page.get_by_role("menuitem", name=choice, exact=True).click()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def window() -> AsyncIterator[Page]:
    """One window for all tests: opening another each time takes longer than most of them."""
    assert CHROMIUM, "chromium is not installed"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = await browser.new_page(locale="en-GB", timezone_id="Asia/Shanghai", reduced_motion="reduce")
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        yield page
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def server() -> AsyncIterator[Server]:
    server = Server(default_world())
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def stage(window: Page, server: Server) -> AsyncIterator[Stage]:
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    def hear_error(error: Error) -> None:
        complaints.append(str(error))

    window.on("console", hear)
    window.on("pageerror", hear_error)
    await window.set_viewport_size({"width": 1280, "height": 760})
    async with ClientSession() as http:
        stage = Stage(window, server, Bot(http, server), complaints)
        await stage.open()
        yield stage
    window.remove_listener("console", hear)
    window.remove_listener("pageerror", hear_error)
    await window.unroute_all(behavior="wait")
    await window.evaluate("localStorage.clear()")
    await window.goto("about:blank")
    assert complaints == []


def keyboard(**buttons: str) -> dict[str, Any]:
    return {
        "inline_keyboard": [[{"text": text.replace("_", " "), "callback_data": data} for text, data in buttons.items()]]
    }


async def test_two_members_talk_and_each_sees_who_said_what(stage: Stage) -> None:
    await stage.become("Maya Thompson")
    await stage.say("good morning")
    await stage.become("小雨 Rain")
    await stage.say("早安 Maya")

    await expect(stage.message("good morning")).to_contain_text("Maya Thompson")
    await expect(stage.message("good morning")).to_have_class(re.compile("theirs"))
    await expect(stage.message("早安 Maya")).to_have_class(re.compile("mine"))


async def test_what_the_bot_says_appears_with_its_formatting(stage: Stage) -> None:
    await stage.bot.call("sendMessage", chat_id=SHOP, text="<b>Day 3</b>, see /top", parse_mode="HTML")

    said = stage.message("Day 3, see /top")
    await expect(said.locator("b")).to_have_text("Day 3")
    await said.get_by_role("button", name="/top").click()
    await expect(stage.message("/top").last).to_have_class(re.compile("mine"))


async def test_the_bot_is_seen_typing_until_it_speaks(stage: Stage) -> None:
    await stage.bot.call("sendChatAction", chat_id=SHOP, action="typing")
    await expect(stage.page.get_by_text("Hearth is typing")).to_be_visible()

    await stage.bot.call("sendMessage", chat_id=SHOP, text="here I am")
    await expect(stage.page.get_by_text("Hearth is typing")).to_be_hidden()


async def test_a_pressed_button_waits_for_the_bot_and_shows_its_answer(stage: Stage) -> None:
    await stage.bot.call("sendMessage", chat_id=SHOP, text="Lottery", reply_markup=keyboard(Join="join"))
    await stage.become("Maya")
    button = stage.page.get_by_role("button", name="Join", exact=False).and_(stage.page.locator(".inline-button"))
    await button.click()
    await expect(button).to_have_attribute("aria-busy", "true")

    query = await stage.bot.next_press()
    assert (query["from"]["id"], query["data"]) == (MAYA, "join")
    await stage.bot.call("answerCallbackQuery", callback_query_id=query["id"], text="You are in.")
    await expect(stage.page.get_by_role("status").filter(has_text="You are in.")).to_be_visible()
    await expect(button).to_have_attribute("aria-busy", "false")


async def test_an_alert_stays_until_it_is_closed(stage: Stage) -> None:
    await stage.bot.call("sendMessage", chat_id=SHOP, text="Rules", reply_markup=keyboard(Read="rules"))
    await stage.page.get_by_role("button", name="Read", exact=True).click()
    query = await stage.bot.next_press()
    await stage.bot.call("answerCallbackQuery", callback_query_id=query["id"], text="Be kind.", show_alert=True)

    alert = stage.page.get_by_role("dialog")
    await expect(alert).to_contain_text("Be kind.")
    await alert.get_by_role("button", name="OK").click()
    await expect(alert).to_be_hidden()


async def test_one_edits_and_deletes_ones_own_message_from_its_menu(stage: Stage) -> None:
    await stage.say("good mornnig")
    await stage.choose("good mornnig", "Edit")
    await expect(stage.input).to_have_value("good mornnig")
    await stage.say("good morning")
    await expect(stage.message("good morning")).to_contain_text("edited")
    await expect(stage.message("good mornnig")).to_have_count(0)

    await stage.choose("good morning", "Delete")
    await expect(stage.message("good morning")).to_have_count(0)


async def test_edits_and_deletions_by_the_bot_appear(stage: Stage) -> None:
    sent = await stage.bot.call("sendMessage", chat_id=SHOP, text="12 are in")
    await expect(stage.message("12 are in")).to_be_visible()

    await stage.bot.call("editMessageText", chat_id=SHOP, message_id=sent["message_id"], text="13 are in")
    await expect(stage.message("13 are in")).to_contain_text("edited")
    await stage.bot.call("deleteMessage", chat_id=SHOP, message_id=sent["message_id"])
    await expect(stage.message("13 are in")).to_have_count(0)


async def test_the_up_arrow_edits_what_one_said_last(stage: Stage) -> None:
    await stage.say("frist")
    await expect(stage.message("frist")).to_be_visible()
    await stage.input.press("ArrowUp")
    await expect(stage.input).to_have_value("frist")
    await stage.input.press("Escape")
    await expect(stage.input).to_have_value("")


async def test_shift_enter_begins_a_new_line(stage: Stage) -> None:
    await stage.input.fill("one")
    await stage.input.press("Shift+Enter")
    await stage.input.press_sequentially("two")
    await stage.input.press("Enter")
    await expect(stage.message("one").locator(".text")).to_have_text("one\ntwo", use_inner_text=True)


async def test_a_reply_shows_what_it_answers(stage: Stage) -> None:
    await stage.say("who is in?")
    await stage.become("Maya")
    await stage.choose("who is in?", "Reply")
    await expect(stage.page.get_by_text("Reply to 小雨 Rain")).to_be_visible()
    await stage.say("me!")
    await expect(stage.message("me!").locator(".quote")).to_contain_text("who is in?")


async def test_a_reaction_is_counted_under_the_message(stage: Stage) -> None:
    await stage.say("cake on Friday")
    await stage.choose("cake on Friday", "React with 🎉")
    await expect(stage.message("cake on Friday").locator(".reaction")).to_have_text("🎉1")


async def test_an_outsider_joins_writes_and_leaves(stage: Stage) -> None:
    await stage.become("Noor")
    await expect(stage.page.get_by_text("Noor is not in “围炉小店 · Hearth Shop”.")).to_be_visible()
    await expect(stage.input).to_be_hidden()

    await stage.page.get_by_role("button", name="Join", exact=True).click()
    await expect(stage.log.get_by_text("Noor joined")).to_be_visible()
    await stage.say("hello all")
    await expect(stage.message("hello all")).to_be_visible()

    await stage.page.get_by_role("button", name="What Noor can do here").click()
    await stage.page.get_by_role("menuitem", name="Leave").click()
    await expect(stage.log.get_by_text("Noor left")).to_be_visible()
    await expect(stage.input).to_be_hidden()


async def test_a_new_admin_sees_the_commands_of_admins(stage: Stage) -> None:
    lottery = {"command": "lottery", "description": "Draw a lottery"}
    checkin = {"command": "checkin", "description": "Check in"}
    await stage.bot.call("setMyCommands", commands=[checkin])
    await stage.bot.call("setMyCommands", commands=[checkin, lottery], scope={"type": "all_chat_administrators"})
    options = stage.page.get_by_role("listbox", name="Commands").get_by_role("option")
    await stage.become("Maya")
    await stage.input.fill("/")
    await expect(options).to_have_text(["/checkinCheck in"])

    await stage.page.get_by_role("button", name="What Maya Thompson can do here").click()
    await stage.page.get_by_role("menuitem", name="Make admin").click()
    await stage.input.fill("/l")
    await expect(options).to_have_text(["/lotteryDraw a lottery"])
    await stage.input.press("Enter")
    await expect(stage.message("/lottery")).to_have_class(re.compile("mine"))


async def test_a_deep_link_leads_to_the_private_chat_and_starts_the_bot(stage: Stage) -> None:
    link = f"https://t.me/{stage.server.world.bot.username}?start=prize-7"
    await stage.bot.call("sendMessage", chat_id=SHOP, text=f'<a href="{link}">your prize</a>', parse_mode="HTML")
    await stage.become("Maya")
    await stage.page.get_by_role("link", name="your prize").click()

    await expect(stage.page.get_by_text("private with Maya Thompson")).to_be_visible()
    await expect(stage.message("/start prize-7")).to_be_visible()
    await stage.bot.call("sendMessage", chat_id=MAYA, text="Here it is")
    await expect(stage.message("Here it is")).to_be_visible()


async def test_an_invite_link_leads_into_its_group(stage: Stage) -> None:
    link = await stage.bot.call("createChatInviteLink", chat_id=SHOP)
    await stage.page.get_by_role("navigation").get_by_role("button", name="Noor").click()
    await stage.page.get_by_role("button", name="Start").click()
    await expect(stage.message("/start")).to_be_visible()
    await stage.bot.call("sendMessage", chat_id=NOOR, text=f"Come in: {link['invite_link']}")

    await stage.log.get_by_role("link").click()
    await expect(stage.log.get_by_text("Noor joined")).to_be_visible()


async def test_an_ephemeral_message_is_shown_to_its_receiver_alone(stage: Stage) -> None:
    whisper = {"receiver_user_id": MAYA}
    await stage.bot.call("sendMessage", chat_id=SHOP, text="code 1234", ephemeral_message_parameters=whisper)
    await stage.bot.call("sendMessage", chat_id=SHOP, text="to everybody")
    await expect(stage.message("to everybody")).to_be_visible()
    await expect(stage.message("code 1234")).to_have_count(0)

    await stage.become("Maya")
    await expect(stage.message("code 1234")).to_contain_text("Only you see this")


async def test_an_admin_speaks_as_the_group(stage: Stage) -> None:
    await stage.page.get_by_role("button", name="Send something else").click()
    await stage.page.get_by_role("menuitemcheckbox", name="Speak as the group").click()
    await stage.say("an announcement")
    await expect(stage.message("an announcement").locator(".author")).to_contain_text("围炉小店 · Hearth Shop")


async def test_topics_are_kept_apart(stage: Stage) -> None:
    await stage.page.goto("about:blank")
    await stage.server.stop()
    stage.server.world = World.load(FORUM, "forum.yaml")
    await stage.server.start()
    await stage.page.goto(stage.server.address)

    topics = stage.page.get_by_role("group", name="Topics")
    await topics.get_by_role("button", name="Books").click()
    await stage.say("chapter 3?")
    await expect(stage.message("chapter 3?")).to_be_visible()
    await topics.get_by_role("button", name="General").click()
    await expect(stage.message("chapter 3?")).to_have_count(0)
    await topics.get_by_role("button", name="All").click()
    await expect(stage.message("chapter 3?")).to_contain_text("in Books")


async def test_a_person_blocks_the_bot(stage: Stage) -> None:
    await stage.page.get_by_role("navigation").get_by_role("button", name="Maya").click()
    await stage.page.get_by_role("button", name="Start").click()
    await expect(stage.message("/start")).to_be_visible()
    await stage.page.get_by_role("button", name="What Hearth can do here").click()
    await stage.page.get_by_role("menuitem", name="Stop and block the bot").click()
    await expect(stage.page.get_by_role("complementary").get_by_text("blocked")).to_be_visible()


async def test_a_name_with_markup_is_shown_as_text(stage: Stage) -> None:
    await stage.become("<b>Max</b>")
    await stage.say("<img src=x onerror=alert(1)> & <b>bold?</b>")
    await stage.become("Maya")

    said = stage.message("<img src=x onerror=alert(1)> & <b>bold?</b>")
    await expect(said.locator(".author")).to_have_text(re.compile("^<b>Max</b>"))
    await expect(said.locator("img, b")).to_have_count(0)


async def test_markup_the_server_should_never_send_does_nothing(stage: Stage) -> None:
    async def answer(route: Route) -> None:
        response = await route.fetch()
        body = await response.json()
        for message in body["result"]:
            message["html"] = (
                '<b onclick="document.title=1">safe</b><script>document.title=2</script><img src=x onerror=alert(3)>'
                '<a href="javascript:document.title=4">link</a><iframe src="/"></iframe>'
            )
        await route.fulfill(response=response, json=body)

    await stage.say("hello")
    await expect(stage.message("hello")).to_be_visible()
    await stage.page.route("**/messages?*", answer)
    await stage.page.reload()

    text = stage.message("safe").locator(".text")
    await expect(text.locator("b")).to_have_text("safe")
    await expect(text.locator("script, img, iframe, a, [onclick], [onerror]")).to_have_count(0)
    assert await stage.page.title() == "Hearth sandbox"
    stage.complaints.clear()  # the browser reports what its content policy kept from running


async def test_the_language_is_switched_and_remembered(stage: Stage) -> None:
    await expect(stage.page.get_by_role("heading", name="Who are you?")).to_be_visible()
    await stage.page.get_by_role("button", name="切换到中文").click()
    await expect(stage.page.get_by_role("heading", name="你是谁？")).to_be_visible()
    await expect(stage.page.locator("html")).to_have_attribute("lang", "zh-Hans")

    await stage.page.reload()
    await expect(stage.page.get_by_role("button", name="+1 天")).to_be_visible()


async def test_both_languages_have_the_same_sentences_with_the_same_slots(stage: Stage) -> None:
    different = await stage.page.evaluate(
        """async () => {
          const { catalogues } = await import("/static/texts.js");
          const [one, other] = Object.values(catalogues);
          const slots = (text) => (text?.match(/\\{\\w+\\}/g) ?? ["missing"]).sort().join();
          const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
          return [...keys].filter((key) => !(key in one && key in other) || slots(one[key]) !== slots(other[key]));
        }"""
    )
    assert different == []


async def test_the_clock_is_moved_on_by_days(stage: Stage) -> None:
    await stage.say("before")
    await expect(stage.message("before")).to_be_visible()
    await stage.page.get_by_role("button", name="+1 day").click()
    await stage.page.get_by_role("button", name="+1 hour").click()
    await stage.say("after")
    await expect(stage.message("after")).to_be_visible()
    await expect(stage.log.get_by_text("Today", exact=True)).to_have_count(1)
    await expect(stage.log.locator(".day")).to_have_count(2)


async def test_the_day_plays_from_post_to_post(stage: Stage) -> None:
    planned = [stage.server.world.now() + timedelta(hours=5), None]

    async def upcoming() -> datetime | None:
        return planned.pop(0)

    stage.server.world.upcoming = upcoming
    await stage.page.set_viewport_size({"width": 360, "height": 640})
    await stage.page.reload()
    await stage.page.get_by_role("button", name="Next post").click()
    await expect(stage.page.get_by_text("It is now")).to_be_visible()
    await stage.page.get_by_role("button", name="Next post").click()
    await expect(stage.page.get_by_text("The bot plans nothing by itself.")).to_be_visible()
    assert stage.server.world.now() - datetime.now(UTC) > timedelta(hours=4)
    assert await stage.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_the_page_of_a_rehearsal_has_a_column_for_every_group(stage: Stage, tmp_path: Path) -> None:
    quiz = Poll(Plain("2 < 3?"), (Plain("Yes"), Plain("No")), correct=0, explanation=Plain("Of <b>course</b>"))
    book = playbook(step("morning", "09:00", "Good <b>morning</b>"), Step("quiz", Times((time(10),)), (quiz,)))
    rows = [GroupRow(n, -n, title, n, "", {}, is_present=True) for n, title in ((1, "Tea <&> Co"), (2, "Kiln"))]
    days = Plan([book], rows, date(2026, 11, 23), 1, NoHolidays(), {"timezone": "UTC", "language": "en"})
    file = tmp_path / "rehearsal.html"
    file.write_text(as_page(await rehearse(days)), "utf-8")
    await stage.page.goto(file.as_uri())

    columns = stage.page.locator("section.group")
    await expect(columns.locator("h2")).to_contain_text(["Tea <&> Co", "Kiln"])
    for column in await columns.all():
        for text in ("09:00", "Good morning", "2 < 3?", "Of course"):
            await expect(column.get_by_text(text)).to_be_visible()
    await stage.page.get_by_role("searchbox").fill("kil")
    await expect(columns.nth(0)).to_be_hidden()
    await stage.page.get_by_role("button", name="中文").click()
    await expect(stage.page.get_by_role("heading", name="预演")).to_be_visible()


@pytest.mark.parametrize("width", [360, 800, 1280])
async def test_nothing_is_wider_than_the_window(stage: Stage, width: int) -> None:
    await stage.page.set_viewport_size({"width": width, "height": 740})
    buttons = keyboard(Accept_the_rules_of_the_house="a", 全部接受并且继续阅读下面的群规="b")
    await stage.bot.call("sendMessage", chat_id=SHOP, text="wide" * 200, reply_markup=buttons)
    await stage.bot.call("sendMessage", chat_id=SHOP, text=f"<pre>{'code ' * 100}</pre>", parse_mode="HTML")
    await expect(stage.message("code")).to_be_visible()

    widest = "Math.max(document.documentElement.scrollWidth, document.querySelector('.log').scrollWidth)"
    assert await stage.page.evaluate(widest) <= width
    beyond = """(width) => [...document.querySelectorAll(".message, .message *, .composer > *, .top *")]
      .filter((one) => !one.closest("pre, .suggestions") && one.getBoundingClientRect().right > width + 1)
      .map((one) => one.className)"""
    assert await stage.page.evaluate(beyond, width) == []


async def test_a_phone_reaches_chats_and_people_as_panels(stage: Stage) -> None:
    await stage.page.set_viewport_size({"width": 360, "height": 740})
    chats = stage.page.get_by_role("navigation", name="Chats")
    await expect(chats).to_be_hidden()
    await stage.page.get_by_role("button", name="Chats").click()
    await chats.get_by_role("button", name="Fireside Readers").click()
    await expect(stage.page.get_by_role("heading", name="Fireside Readers")).to_be_visible()

    await stage.page.get_by_role("button", name="Change who you are").first.click()
    await stage.become("Maya")
    await expect(stage.page.get_by_placeholder("Message as Maya Thompson")).to_be_visible()


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, "Anonymous poll"),
        ({"is_anonymous": False}, "Poll"),
        (
            {"is_anonymous": False, "allows_multiple_answers": True, "is_closed": True},
            "Poll · several answers · closed",
        ),
        ({"type": "quiz", "correct_option_ids": [0]}, "Anonymous quiz"),
    ],
)
async def test_a_poll_says_whether_votes_are_seen(stage: Stage, more: dict[str, Any], kind: str) -> None:
    options = [{"text": "Red"}, {"text": "Green"}]
    await stage.bot.call("sendPoll", chat_id=SHOP, question="Which colour?", options=options, **more)

    await expect(stage.page.locator(".poll small").first).to_have_text(kind)


async def test_a_picture_by_the_bot_is_shown(stage: Stage) -> None:
    sample = sample_photo(stage.server.world)["photo"][-1]["file_id"]
    stored = stage.server.world.files.get(sample)
    assert stored
    form = FormData({"chat_id": str(SHOP), "caption": "The new mug"})
    form.add_field("photo", stored.upload.content, filename="mug.png", content_type="image/png")
    await stage.bot.upload("sendPhoto", form)

    picture = stage.message("The new mug").get_by_role("img", name="Photo")
    await expect(picture).to_be_visible()
    await expect(picture).to_have_js_property("complete", True)
    assert await picture.evaluate("(image) => image.naturalWidth") > 0


async def test_a_pinned_message_stands_over_the_log(stage: Stage) -> None:
    sent = await stage.bot.call("sendMessage", chat_id=SHOP, text="Draw at 20:00")
    await stage.bot.call("pinChatMessage", chat_id=SHOP, message_id=sent["message_id"])
    await expect(stage.page.get_by_role("button", name="Pinned message")).to_contain_text("Draw at 20:00")
    await expect(stage.log.get_by_text("Hearth pinned “Draw at 20:00”")).to_be_visible()


async def test_a_basic_group_grows_up_while_it_is_open(stage: Stage) -> None:
    await stage.page.get_by_role("button", name="New group").click()
    await stage.page.get_by_label("Name of the group").fill("Tea <i>room</i>")
    await stage.page.get_by_role("button", name="Create").click()
    await expect(stage.page.get_by_role("heading", name="Tea <i>room</i>")).to_be_visible()

    await stage.page.get_by_role("button", name="Turn into a supergroup").click()
    await expect(stage.log.get_by_text("This supergroup was made from a basic group")).to_be_visible()
    await stage.say("still here")
    await expect(stage.message("still here")).to_be_visible()


async def test_a_new_person_can_be_added_and_played(stage: Stage) -> None:
    await stage.page.get_by_role("button", name="Add a person").click()
    dialog = stage.page.get_by_role("dialog", name="Add a person")
    await dialog.get_by_label("First name").fill("Ada")
    await dialog.get_by_role("button", name="Add").click()
    await stage.become("Ada")
    await expect(stage.page.get_by_text(re.compile("^Ada is not in"))).to_be_visible()


async def test_what_is_refused_is_said_and_not_lost(stage: Stage) -> None:
    await stage.bot.call("restrictChatMember", chat_id=SHOP, user_id=MAYA, permissions={"can_send_messages": False})
    await stage.become("Maya")
    await stage.say("let me speak")
    await expect(stage.page.get_by_text("Maya Thompson may not write in")).to_be_visible()
    await expect(stage.input).to_have_value("let me speak")
    stage.complaints.clear()  # the browser reports the refused request


async def test_a_page_without_a_bot_says_so(stage: Stage) -> None:
    await stage.say("anybody there?")
    await expect(stage.page.get_by_text("No bot is listening yet")).to_be_visible()

    updates = await stage.bot.call("getUpdates")
    await stage.bot.call("getUpdates", offset=updates[-1]["update_id"] + 1)
    await expect(stage.page.get_by_text("No bot is listening yet")).to_be_hidden()


async def test_the_page_finds_the_server_again_and_reads_what_it_missed(stage: Stage) -> None:
    await stage.server.stop()
    await expect(stage.page.get_by_role("alert")).to_contain_text("not answering")

    await stage.server.start()
    await stage.bot.call("sendMessage", chat_id=SHOP, text="back again")
    await expect(stage.message("back again")).to_be_visible()
    await expect(stage.page.get_by_role("alert")).to_be_hidden()
    stage.complaints.clear()  # the browser reports each failed attempt
