from bot.app import know_groups
from bot.sandbox.world import World
from bot.services.groups import GroupService
from storage.database import Database
from tests.conftest import StoppedClock


async def test_the_groups_that_the_bot_is_in_are_known_before_anybody_speaks(
    database: Database, clock: StoppedClock, world: World
) -> None:
    await know_groups(GroupService(database, clock), world)

    known = await GroupService(database, clock).all()
    assert [(group.chat_id, group.title, group.is_present) for group in known] == [
        (-100, "Bakery", True),
        (-200, "Quiet corner", True),
        (-300, "Small", True),
    ]


async def test_a_restart_leaves_what_was_set_for_them(database: Database, clock: StoppedClock, world: World) -> None:
    await know_groups(GroupService(database, clock), world)
    await database.write(lambda tx: tx.groups.set_setting(1, "language", "zh"))

    groups = GroupService(database, clock)
    await know_groups(groups, world)

    assert [(group.id, group.settings.language) for group in await groups.all()] == [(1, "zh"), (2, "en"), (3, "en")]
