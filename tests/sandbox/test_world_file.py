import pytest

from bot.sandbox.world import World, WorldError

BOT = "bot: {id: 7, token: t, first_name: B, username: b}\n"
USERS = "users:\n  - {id: 1, first_name: One}\n"


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", "w.yaml:1: the file is empty; it must have `bot` and `users`"),
        ("bot: [", "w.yaml:2: this is not YAML: did not find expected node content"),
        ("- 1", "w.yaml:1: this must be keys with values, such as `id: 1001`"),
        (BOT, "w.yaml:1: `users` is missing"),
        (BOT + "users: 5", "w.yaml:2: this must be a list: one item a line, each after a `-`"),
        (BOT + USERS + "grups: []", "w.yaml:4: unknown key `grups`; known are bot, users, groups, channels"),
        (BOT + USERS + "users: []", "w.yaml:4: `users` is here twice; keep one"),
        (BOT + USERS + "  - {id: x, first_name: Two}", "w.yaml:4: `id` must be a whole number, not `x`"),
        (BOT + USERS + "  - {id: 1, first_name: Two}", "w.yaml:4: somebody else has the id 1, too; give another"),
        (BOT + USERS + "  - {id: 2}", "w.yaml:4: `first_name` is missing"),
        (BOT + USERS + "  - {id: -2, first_name: X}", "w.yaml:4: a user's id is a positive number"),
        (BOT + USERS + "  - {id: 2, first_name: ''}", "w.yaml:4: `first_name` is empty; write a text"),
        (
            BOT + USERS + "groups:\n  - {id: -5, title: G, type: clan}",
            "w.yaml:5: `type` must be one of supergroup, group, not `clan`",
        ),
        (
            BOT + USERS + "groups:\n  - {id: 5, title: G}",
            "w.yaml:5: a group's or channel's id is a negative number, such as -1002000000001",
        ),
        (
            BOT + USERS + "groups:\n  - id: -5\n    title: G\n    members:\n      - {user: 8}",
            "w.yaml:8: 8 is none of the users; give the id of one of them",
        ),
        (
            BOT + USERS + "groups:\n  - {id: -5, title: G}\nchannels:\n  - {id: -5, title: C}",
            "w.yaml:7: another chat has the id -5, too; give another",
        ),
        (
            BOT + USERS + "channels:\n  - {id: -5, title: C, linked_to: -6}",
            "w.yaml:5: -6 is none of the groups; give the id of one of them",
        ),
        (
            BOT + USERS + "groups:\n  - {id: -5, title: G, bot: creator}",
            "w.yaml:5: `bot` must be one of administrator, member, left, not `creator`",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, mistake: str) -> None:
    with pytest.raises(WorldError) as error:
        World.load(text, "w.yaml")

    assert str(error.value) == mistake


def test_texts_are_taken_as_they_are_written() -> None:
    world = World.load(BOT + "users:\n  - {id: 1, first_name: no, last_name: 2024}", "w.yaml")

    assert world.users[1].name == "no 2024"
