"""How an entry looks in a file and in a table."""

from datetime import date, time

from bot.domain.faq import Entry, Hours, Keyword, LinkButton, Photo
from bot.domain.faq_written import table, written
from bot.domain.groups import Group
from bot.domain.settings import settings_from

GROUP = Group(1, -1001, "Hearth", 1, "", True, settings_from({}, {}))
PLAIN = Entry("own:hi", (Keyword("hi", "exact"),), ("Hello",))
FULL = Entry(
    "own:ship",
    (Keyword("ship", "word"), Keyword("redeem", "fuzzy", 90)),
    ("One", "Two"),
    picks="random",
    priority=-3,
    unless=("abroad",),
    hours=Hours(time(9), time(18, 30)),
    otherwise="Asleep",
    valid_from=date(2026, 1, 1),
    valid_until=date(2026, 12, 31),
    buttons=(LinkButton("Track", "https://example.org"), LinkButton("Ask", "tg://resolve?domain=x")),
    lifetime=300,
    cooldown=0,
    topics=frozenset({34, 12}),
    photo=Photo(file_id="AgAC"),
    is_private=True,
    hands_over=True,
    deletes_question=True,
)


def test_what_is_as_usual_is_left_out() -> None:
    assert written(PLAIN) == {"name": "own:hi", "keywords": ["exact:hi"], "answers": ["Hello"], "priority": 0}


def test_everything_special_is_there() -> None:
    assert written(FULL) == {
        "name": "own:ship",
        "keywords": ["ship", "fuzzy 90:redeem"],
        "unless": ["abroad"],
        "answers": ["One", "Two"],
        "pick": "random",
        "priority": -3,
        "hours": "09:00-18:30",
        "otherwise": "Asleep",
        "from": "2026-01-01",
        "until": "2026-12-31",
        "buttons": [
            {"text": "Track", "url": "https://example.org"},
            {"text": "Ask", "url": "tg://resolve?domain=x"},
        ],
        "delete_after": 300,
        "delete_question": True,
        "cooldown": 0,
        "topics": [12, 34],
        "photo": "id:AgAC",
        "private": True,
        "hand_over": True,
    }


def test_a_table_has_a_column_for_every_answer() -> None:
    heading, plain, full = (dict(enumerate(row)) for row in table([(GROUP, [PLAIN, FULL])]))
    cells = {heading[number]: (plain[number], full[number]) for number in heading}

    assert cells["group_id"] == ("-1001", "-1001")
    assert (cells["answer"], cells["answer_2"]) == (("Hello", "One"), ("", "Two"))
    assert cells["keywords"] == ("exact:hi", "ship\nfuzzy 90:redeem")
    assert cells["buttons"][1] == "Track | https://example.org\nAsk | tg://resolve?domain=x"
    assert (cells["private"], cells["topics"]) == (("", "yes"), ("", "12\n34"))
    assert list(cells)[4:8] == ["unless", "answer", "answer_2", "pick"], "answers stand side by side"


def test_a_picture_may_be_a_file_or_all_there_is_to_say() -> None:
    entry = Entry("own:a", (), ("",), photo=Photo(path="media/a.jpg"))

    assert written(entry) == {"name": "own:a", "keywords": [], "priority": 0, "photo": "media/a.jpg"}
    assert len(table([])) == 1
