"""Playbook files that change while the bot runs: what is posted from then on, and what is not."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from bot.health import add_health
from bot.playbooks.checking import check
from tests.conftest import StoppedClock
from tests.group import OLIVIA, Group, Json
from tests.handlers.conftest import Playbooks

DAY = """
    name: A day
    steps:
      - id: morning
        at: "09:30"
        do: [send: Good morning!]
      - id: lunch
        at: "12:00"
        do: [send: Lunch, wait: 30m, send: Back again]
"""
PRODUCTS = """
    name: Products
    steps:
      - id: product
        at: ["10:00", "11:00", "13:00"]
        do: [send: {text_from: library/products.yaml, text: "{{ product.name }}, ${{ product.price }}"}]
"""


@pytest.fixture(autouse=True)
def day(playbooks: Playbooks) -> None:
    playbooks.write("day.yaml", DAY)


@pytest.fixture
async def group(group: Group) -> Group:
    await group.adds_the_bot()
    return group


async def plays(group: Group, clock: StoppedClock, *times: str) -> list[str]:
    """What is posted at these times of the day (UTC), and at no other."""
    before = len(group.said)
    for one in times:
        hour, minute = map(int, one.split(":"))
        clock.set(clock.now.replace(hour=hour, minute=minute, second=1))
        await group.hearthbot.plays()
    return group.said[before:]


async def states(group: Group) -> list[str]:
    rows = await group.hearthbot.database.read(lambda tx: tx.deliveries.all())
    return [f"{row.slot} {row.step} {row.state} {row.note}".strip() for row in rows]


async def readiness(group: Group) -> tuple[int, Json]:
    app = web.Application()
    add_health(app, group.hearthbot.engine.health())
    async with TestClient(TestServer(app)) as client:
        response = await client.get("/readyz")
        return response.status, await response.json()


async def test_what_was_posted_is_not_posted_again_and_what_comes_is_as_the_file_now_says(
    group: Group, playbooks: Playbooks, clock: StoppedClock
) -> None:
    assert await plays(group, clock, "09:30") == ["Good morning!"]
    playbooks.write("day.yaml", DAY.replace("Good morning!", "Hello!").replace("[send: Lunch", "[send: Soup"))
    playbooks.write("tea.yaml", "name: Tea\nsteps: [{id: tea, at: ['09:00', '10:30'], do: [send: Tea]}]")

    assert await plays(group, clock, "09:40", "10:30", "12:00", "12:30") == ["Tea", "Soup", "Back again"]
    clock.advance(days=1)
    assert await plays(group, clock, "09:00", "09:30") == ["Tea", "Hello!"]


async def test_a_copy_that_keeps_the_name_does_not_run_and_all_others_do(
    group: Group, playbooks: Playbooks, clock: StoppedClock
) -> None:
    playbooks.write("copy of day.yaml", DAY.replace("Good morning!", "Hello!"))
    playbooks.write("tea.yaml", "name: Tea\nsteps: [{id: tea, at: '09:40', do: [send: Tea]}]")

    assert await plays(group, clock, "09:30", "09:40") == ["Good morning!", "Tea"]
    taken = f"copy of day.yaml:1:1: the name `A day` is taken, by {playbooks.root / 'day.yaml'}"
    assert taken in str(await group.says(OLIVIA, "/playbook list"))

    await group.hearthbot.restart()
    clock.advance(days=1)
    assert "Tea" in await plays(group, clock, "09:30", "09:40")


async def test_a_mistake_in_a_library_of_two_playbooks_is_told_once(group: Group, playbooks: Playbooks) -> None:
    playbooks.write("library/tips.yaml", "- {price: 5}")
    for name in ("One", "Two"):
        step = "{id: tip, at: '10:00', do: [send: {text_from: library/tips.yaml}]}"
        playbooks.write(f"{name}.yaml", f"name: {name}\nsteps: [{step}]")

    assert str(await group.says(OLIVIA, "/playbook reload")).count("this has no `text`") == 1
    assert str(check(playbooks.root).mistakes).count("this has no `text`") == 1


async def test_a_bad_file_keeps_its_last_good_version_and_everybody_is_told(
    group: Group, playbooks: Playbooks, clock: StoppedClock
) -> None:
    playbooks.write("day.yaml", DAY.replace("send: Lunch", "sned: Lunch"))
    playbooks.write("new.yaml", "name: New\nsteps: [")
    playbooks.write("tea.yaml", "name: Tea\nsteps: [{id: tea, at: '09:40', do: [send: Tea]}]")
    with capture_logs() as logs:
        assert await plays(group, clock, "09:30", "09:40") == ["Good morning!", "Tea"]

    told = [line["mistake"].removeprefix(f"{playbooks.root}/") for line in logs if line["log_level"] == "error"]
    assert [line.partition(": ")[0] for line in told] == ["day.yaml:9:10", "new.yaml:3:1"]
    listed = str(await group.says(OLIVIA, "/playbook list"))
    assert [line in listed for line in told] == [True, True]
    assert ["A day" in listed, "Tea" in listed, "New" in listed] == [True, True, False]
    status, ready = await readiness(group)
    assert (status, ready["ready"]) == (200, True)
    assert [line.removeprefix(f"{playbooks.root}/") for line in ready["notes"]["playbooks"]] == told

    playbooks.write("day.yaml", DAY.replace("Lunch", "Soup"))
    (playbooks.root / "new.yaml").unlink()
    assert await plays(group, clock, "12:00") == ["Soup"]
    assert "yaml" not in str(await group.says(OLIVIA, "/playbook list"))
    assert "notes" not in (await readiness(group))[1]


async def test_an_action_put_before_one_that_was_posted_does_not_bring_it_again(
    group: Group, playbooks: Playbooks, clock: StoppedClock
) -> None:
    assert await plays(group, clock, "12:00") == ["Lunch"]
    playbooks.write("day.yaml", DAY.replace("[send: Lunch", "[send: Soup first, wait: 5m, send: Lunch"))

    await group.hearthbot.restart(after="a kill")

    assert await plays(group, clock, "12:30", "13:00") == []
    assert (await states(group))[-1] == "2026-11-22T12:00 lunch skipped removed"


async def test_what_waits_of_a_step_or_a_file_that_is_gone_does_not_come(
    group: Group, playbooks: Playbooks, clock: StoppedClock
) -> None:
    evening = "name: Evening\nsteps: [{id: quiz, at: '12:00', do: [send: Ready?, wait: 1h, send: Steady]}]"
    playbooks.write("evening.yaml", evening)
    assert sorted(await plays(group, clock, "09:30", "12:00")) == ["Good morning!", "Lunch", "Ready?"]
    playbooks.write("day.yaml", DAY.partition("      - id: lunch")[0])
    await group.hearthbot.engine.playbooks.follow()
    assert sorted(await states(group))[1:] == [
        "2026-11-22T12:00 lunch skipped removed",
        "2026-11-22T12:00 quiz queued",
    ]
    (playbooks.root / "evening.yaml").unlink()

    assert await plays(group, clock, "12:30", "13:00") == []
    assert sorted(await states(group))[2] == "2026-11-22T12:00 quiz skipped removed"
    assert "Evening" not in str(await group.says(OLIVIA, "/playbook list"))
    playbooks.write("day.yaml", DAY)
    playbooks.write("evening.yaml", evening)
    await plays(group, clock, "13:30")
    clock.advance(days=1)
    assert sorted(await plays(group, clock, "09:30", "12:00")) == ["Good morning!", "Lunch", "Ready?"]


async def test_while_a_bad_file_hides_what_it_holds_nothing_that_waits_is_lost(
    group: Group, playbooks: Playbooks, clock: StoppedClock
) -> None:
    await plays(group, clock, "12:00")
    playbooks.write("day.yaml", "name: A day\nsteps: [")
    await group.hearthbot.restart(after="a kill")  # no good version of it is known any more
    assert await plays(group, clock, "12:30", "12:40") == []

    playbooks.write("day.yaml", DAY)

    assert await plays(group, clock, "12:50") == ["Back again"]


async def test_a_product_that_is_added_comes_without_a_change_of_the_playbook(
    group: Group, playbooks: Playbooks, clock: StoppedClock
) -> None:
    playbooks.write("library/products.yaml", "- {name: Cup, price: 9}\n- {name: Pot, price: 29}")
    playbooks.write("products.yaml", PRODUCTS)
    assert await plays(group, clock, "09:30", "10:00") == ["Good morning!", "Cup, $9"]
    playbooks.write(
        "library/products.yaml", "- {name: Cup, price: 9}\n- {name: Pot, price: 25}\n- {name: Tray, price: 12}"
    )
    assert await plays(group, clock, "11:00") == ["Pot, $25"]
    playbooks.write("library/products.yaml", "- {name: Cup}\n- {nam: Tray")

    assert await plays(group, clock, "13:00") == ["Tray, $12"]
    listed = str(await group.says(OLIVIA, "/playbook list"))
    assert [line.partition(": ")[0] for line in listed.splitlines() if ".yaml" in line] == ["library/products.yaml:3:1"]
