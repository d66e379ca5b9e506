"""What is stored of lotteries outlives the form in which it was stored first."""

import json

from bot.domain.draws import Entrant
from storage.database import open_database
from storage.lotteries_lines import Line, packed, unpacked
from storage.migrate import migrate
from tests.conftest import run_sql

LINES = [Line(Entrant("0a" * 32, 5), 2**40), Line(Entrant("ff" * 32, 1), 7)]


def test_a_list_comes_back_as_it_was_stored() -> None:
    assert unpacked(packed(LINES)) == LINES


async def test_a_list_of_before_is_kept_up_and_down(database_url: str) -> None:
    migrate(database_url, "0003")
    listed = json.dumps([[line.entrant.id, line.entrant.tickets, line.user_id] for line in LINES])
    run_sql(
        database_url,
        "INSERT INTO groups (id, chat_id, title, created_at, presence_changed_at) VALUES (1, -1, 'G', 0, 0)",
        "INSERT INTO lotteries (id, group_id, update_id, state, rules, seed, salt, listed, opened_at, shown_at)"
        f" VALUES (1, 1, 1, 'closed', '{{}}', '', '', '{listed}', 0, 0)",
    )

    for revision in ("head", "0003", "head"):
        migrate(database_url, revision)

    database = await open_database(database_url)
    assert await database.read(lambda tx: tx.lotteries.list_of(1)) == LINES
    await database.close()
