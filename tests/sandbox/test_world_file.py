import pytest

from bot.sandbox.world import World, WorldError

BOT = "bot: {id: 7, token: t, first_name: B, username: b}\n"
USERS = "users:\n  - {id: 1, first_name: One}\n"


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", "w.yaml:1:1: `bot` is missing (and 1 more)"),
        ("bot: [", "w.yaml:2:1: this is not YAML: did not find expected node content"),
        ("- 1", "w.yaml:1:1: this must be keys with values, such as `bot: …`"),
        (BOT, "w.yaml:1:1: `users` is missing"),
        (BOT + "users: 5", "w.yaml:2:8: this must be a list: one item a line, each after a `-`"),
        (BOT + USERS + "grups: []", "w.yaml:4:1: unknown key `grups`; did you mean `groups`?"),
        (BOT + USERS + "users: []", "w.yaml:4:1: `users` is here twice, first on line 3; keep one"),
        (
            BOT + USERS + "  - {id: x, first_name: Two}",
            "w.yaml:4:10: must be a whole number from -999999999999999 to 999999999999999, not `x`",
        ),
        (BOT + USERS + "  - {id: 1, first_name: Two}", "w.yaml:4:10: somebody else has the id 1, too; give another"),
        (BOT + USERS + "  - {id: 2}", "w.yaml:4:5: `first_name` is missing"),
        (BOT + USERS + "  - {id: -2, first_name: X}", "w.yaml:4:10: a user's id is a positive number"),
        (BOT + USERS + "  - {id: 2, first_name: ''}", "w.yaml:4:25: this is empty; write a text"),
        (
            BOT + USERS + "groups:\n  - {id: -5, title: G, type: clan}",
            "w.yaml:5:30: must be one of supergroup, group, not `clan`",
        ),
        (
            BOT + USERS + "groups:\n  - {id: 5, title: G}",
            "w.yaml:5:10: a group's or channel's id is a negative number, such as -1002000000001",
        ),
        (
            BOT + USERS + "groups:\n  - id: -5\n    title: G\n    members:\n      - {user: 8}\n      - {user: 9}",
            "w.yaml:8:16: 8 is none of the users; give the id of one of them (and 1 more)",
        ),
        (
            BOT + USERS + "groups:\n  - {id: -5, title: G}\nchannels:\n  - {id: -5, title: C}",
            "w.yaml:7:10: another chat has the id -5, too; give another",
        ),
        (
            BOT + USERS + "channels:\n  - {id: -5, title: C, linked_to: -6}",
            "w.yaml:5:35: -6 is none of the groups; give the id of one of them",
        ),
        (
            BOT + USERS + "groups:\n  - {id: -5, title: G, bot: creator}",
            "w.yaml:5:29: must be one of administrator, member, left, not `creator`",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, mistake: str) -> None:
    with pytest.raises(WorldError) as error:
        World.load(text, "w.yaml")

    assert str(error.value) == mistake


def test_texts_are_taken_as_they_are_written() -> None:
    world = World.load(BOT + "users:\n  - {id: 1, first_name: no, last_name: 2024}", "w.yaml")

    assert world.users[1].name == "no 2024"
