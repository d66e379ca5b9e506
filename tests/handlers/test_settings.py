"""The panel of a group's settings."""

import pytest

from bot.domain.settings import OPTIONS
from handlers.settings import PAGES
from tests.group import ALICE, ANONYMOUS_ADMIN, BOB, CHANNEL, OLIVIA, OWNER, Group, Hearthbot, Persona, PrivateChat

REFUSED = "Only this group's administrators can do that."


async def setting(group: Group, key: str) -> str:
    """The text of a setting as it is stored and applies now."""
    row = await group.hearthbot.database.read(lambda tx: tx.groups.find(group.chat_id))
    return row.settings.get(key, OPTIONS[key].default) if row else OPTIONS[key].default


async def test_the_panel_shows_what_applies(group: Group) -> None:
    await group.says(OLIVIA, "/settings timezone asia/shanghai")

    assert await group.says(OLIVIA, "/settings") == (
        "⚙️ Hearth · Group\nLanguage: English\nTime zone: Asia/Shanghai\nDay starts at hour: 0\n"
        "Check-in: on\nLeaderboard: on\nPoints stay after leaving: on\nTags: none"
    )
    assert group.buttons[7:] == [
        "• Group", "Check-ins", "Bonuses", "Cards", "FAQ", "Moderation", "Invites", "Introductions", "Door", "Welcome",
        "Playbooks",
    ]  # fmt: skip


def test_every_setting_is_on_one_page() -> None:
    assert sorted(key for keys in PAGES.values() for key in keys) == sorted(OPTIONS)
    assert not set(PAGES) & set(OPTIONS), "a button that opens a page would open the setting of the same name"


async def test_every_choice_of_every_page_by_buttons(group: Group) -> None:
    await group.says(OLIVIA, "/settings")
    panel = group.shown[-1]
    for page, keys in PAGES.items():
        await group.sends_back(OLIVIA, f"settings:{page}", panel)
        on_page = [b["callback_data"] for row in panel["reply_markup"]["inline_keyboard"] for b in row]
        assert on_page == [f"option:{key}" for key in keys] + [f"settings:{name}" for name in PAGES]
        shown = panel["text"]
        for key in keys:
            if key == "language":
                continue  # the next test's: the words change
            for number, choice in enumerate(OPTIONS[key].choices):
                await group.sends_back(OLIVIA, f"settings:{page}", panel)
                await group.sends_back(OLIVIA, f"option:{key}", panel)
                *choices, (back,) = panel["reply_markup"]["inline_keyboard"]
                assert back == {"text": "‹ Back", "callback_data": f"settings:{page}"}
                assert [button["callback_data"] for row in choices for button in row] == [
                    f"set:{key}:{n}" for n in range(len(OPTIONS[key].choices))
                ]
                pop_up = await group.sends_back(OLIVIA, f"set:{key}:{number}", panel)
                assert pop_up is not None
                assert pop_up.partition(": ")[2] in panel["text"]
                assert await setting(group, key) == choice
                assert panel["text"].splitlines()[0] == shown.splitlines()[0], "back on the page it came from"
                await group.sends_back(OLIVIA, f"option:{key}", panel)
                ticked = [
                    row[0]["callback_data"] for row in panel["reply_markup"]["inline_keyboard"] if "✓" in row[0]["text"]
                ]
                assert ticked == [f"set:{key}:{number}"]


async def test_a_language_answers_at_once_in_itself(group: Group) -> None:
    await group.says(OLIVIA, "/settings")
    await group.presses(OLIVIA, "Language")

    assert await group.presses(OLIVIA, "简体中文") == "语言：简体中文"
    assert group.said[-1].startswith("⚙️ Hearth · 群组\n语言：简体中文")
    assert "签到成功！连续 1 天，+10 积分" in (await group.says(ALICE, "/checkin") or "")
    assert await group.says(OLIVIA, "/settings language zh-hant") == "語言：繁體中文"
    assert await group.says(OLIVIA, "/settings language en") == "Language: English"


async def test_in_private_the_panel_keeps_the_persons_language(group: Group, hearthbot: Hearthbot) -> None:
    await group.says(OLIVIA, "/checkin")
    private = PrivateChat.of(OLIVIA, hearthbot)
    await private.says(OLIVIA, "/settings")
    await private.presses(OLIVIA, "Language")

    assert await private.presses(OLIVIA, "简体中文") == "Language: 简体中文"
    assert await private.says(OLIVIA, "/settings checkin_points 20") == "Daily points: 20"
    assert "每日积分" in (await group.says(OLIVIA, "/settings checkin_points 50") or "")


async def test_a_second_press_of_the_same_button_is_fine(group: Group) -> None:
    await group.says(OLIVIA, "/settings")
    assert await group.presses(OLIVIA, "Group") is None
    await group.presses(OLIVIA, "Check-in")
    panel = group.shown[-1]

    assert await group.presses(OLIVIA, "off", panel) == "Check-in: off"
    assert await group.sends_back(OLIVIA, "set:checkin:1", panel) == "Check-in: off"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("timezone europe/berlin", "Europe/Berlin"),
        ("checkin_tiers 7:50  30:300", "7:50 30:300"),
        ("checkin_tiers NONE", "none"),
        ("checkin OFF", "off"),
        ("language ZH-HANT", "zh-Hant"),
        ("checkin_points 10000", "10000"),
    ],
)  # fmt: skip
async def test_any_right_value_can_be_written(group: Group, written: str, stored: str) -> None:
    answer = await group.says(OLIVIA, f"/settings {written}")

    assert answer is not None
    assert await setting(group, written.split()[0]) == stored


@pytest.mark.parametrize(
    "written",
    ["timezone Mars/Olympus", "timezone ../../etc/passwd", "day_starts_at 24", "day_starts_at -1", "checkin maybe",
     "checkin_points 99999999999999999999", "checkin_points ٣", "checkin_tiers 7:50 3:10", "checkin_tiers 3:10 3:10",
     "language klingon", "language " + "x" * 4000,
     "checkin_cap <b>", "lucky_odds 0"],
)  # fmt: skip
async def test_a_wrong_value_is_refused_and_a_right_one_shown(group: Group, written: str) -> None:
    key = written.split()[0]
    before = await setting(group, key)

    answer = await group.says(OLIVIA, f"/settings {written}")

    assert answer is not None
    assert f"does not fit {key}. Right would be: " in answer
    assert group.said[-1] == answer
    assert await setting(group, key) == before


async def test_of_a_number_the_least_and_the_most_are_told(group: Group) -> None:
    assert await group.says(OLIVIA, "/settings captcha_seconds 5") == (
        "“5” does not fit captcha_seconds. Right would be: 120 (30–3600)"
    )


@pytest.mark.parametrize("written", ["colour blue", "colour", "x" * 4000, "<b>"])
async def test_an_unknown_setting_is_refused_and_some_known_ones_named(group: Group, written: str) -> None:
    answer = await group.says(OLIVIA, f"/settings {written}")

    assert answer is not None
    assert answer.startswith(f"There is no setting “{written.split()[0][:40]}”. Some are called ")
    assert answer.endswith("; /settings shows all.")
    assert group.said[-1] == answer


async def test_a_setting_without_a_value_shows_how_to_write_one(group: Group) -> None:
    assert "/settings timezone Asia/Shanghai" in (await group.says(OLIVIA, "/settings timezone") or "")


@pytest.mark.parametrize("speaker", [ALICE, CHANNEL])
async def test_members_cannot(group: Group, speaker: Persona) -> None:
    await group.says(OLIVIA, "/settings")

    assert await group.says(speaker, "/settings") == REFUSED
    assert await group.says(speaker, "/settings checkin off") == REFUSED
    assert await setting(group, "checkin") == "on"


async def test_members_cannot_press_the_operators_buttons(group: Group) -> None:
    await group.says(OLIVIA, "/settings")
    before = group.said

    assert await group.presses(ALICE, "Language") == REFUSED
    assert await group.sends_back(ALICE, "set:checkin:1") == REFUSED
    assert group.said == before
    assert await setting(group, "checkin") == "on"


@pytest.mark.parametrize("operator", [OWNER, ANONYMOUS_ADMIN])
async def test_owners_and_anonymous_administrators_can(group: Group, operator: Persona) -> None:
    assert await group.says(operator, "/settings checkin off") == "Check-in: off"


@pytest.mark.parametrize(
    "forged", ["set", "set:", "set:checkin", "set:checkin:", "set:checkin:2", "set:checkin:-1", "set:checkin:x",
               "set:checkin:²", "set:nothing:0", "set:checkin:0:0", "set:checkin:" + "9" * 50, "option:",
               "option:nothing"]
)  # fmt: skip
async def test_a_forged_button_changes_nothing(group: Group, forged: str) -> None:
    await group.says(OLIVIA, "/settings")

    assert "There is no setting" in (await group.sends_back(OLIVIA, forged) or "")
    assert await setting(group, "checkin") == "on"


async def test_a_forged_page_shows_the_first(group: Group) -> None:
    await group.says(OLIVIA, "/settings")
    await group.presses(OLIVIA, "Cards")

    await group.sends_back(OLIVIA, "settings:nonsense", group.shown[-1])

    assert "· Group" in group.said[-1]


async def test_the_panel_of_one_group_does_not_touch_another(hearthbot: Hearthbot) -> None:
    one, other = Group(hearthbot), Group(hearthbot, -1001000000002, "Other")
    await one.says(BOB, "/checkin")
    await other.says(OLIVIA, "/settings checkin off")

    assert await setting(one, "checkin") == "on"
    assert await setting(other, "checkin") == "off"


async def test_settings_survive_a_restart(group_on_either: Group) -> None:
    await group_on_either.says(OLIVIA, "/settings checkin_points 50")
    await group_on_either.hearthbot.restart(after="a kill")

    assert "+50 points" in (await group_on_either.says(ALICE, "/checkin") or "")


async def test_a_title_with_html_is_shown_as_it_is(group: Group) -> None:
    await group.renames("<b>Tom & Jerry</b> {group}")

    assert "<b>Tom & Jerry</b> {group}" in (await group.says(OLIVIA, "/settings") or "")
    assert "<b>Tom & Jerry</b> {group}" in (await group.says(ALICE, "/help") or "")
