"""What becomes of a group's entries when a file is brought in."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.faq import Entry, Keyword
from bot.domain.faq_imports import Incoming, difference, merged
from bot.domain.faq_own import own_id


def own(key: str, answer: str = "a") -> Entry:
    return Entry(own_id(key), (Keyword(key, "exact"),), (answer,))


def by_key(*entries: Entry) -> dict[str, Entry]:
    return {entry.id.removeprefix("own:"): entry for entry in entries}


def test_an_entry_with_the_same_first_keyword_is_changed_and_the_others_stay() -> None:
    present = by_key(own("a"), own("b"))
    found = merged(present, [Incoming(own("b", "new"), "row"), Incoming(own("c"), "c")], replaces=False)

    assert (found.entries, found.problems) == (by_key(own("a"), own("b", "new"), own("c")), [])
    change = difference(present, found.entries)
    assert (change.new, change.changed, change.deleted, change.kept) == (1, 1, 0, 1)
    assert (change.before, change.after) == ({"b": own("b"), "c": None}, {"b": own("b", "new"), "c": own("c")})


def test_an_entry_whose_first_keyword_was_changed_is_still_the_same() -> None:
    renamed = [Incoming(own("b"), own_id("a"))]

    assert merged(by_key(own("a"), own("c")), renamed, replaces=False).entries == by_key(own("b"), own("c"))
    assert merged(by_key(own("b"), own("c")), renamed, replaces=False).entries == by_key(own("b"), own("c"))


def test_two_entries_may_exchange_their_first_keywords() -> None:
    swapped = [Incoming(own("b", "1"), own_id("a")), Incoming(own("a", "2"), own_id("b"))]
    found = merged(by_key(own("a", "1"), own("b", "2")), swapped, replaces=False)

    assert (found.entries, found.problems) == (by_key(own("a", "2"), own("b", "1")), [])


def test_what_is_not_in_the_file_goes_when_it_replaces_all() -> None:
    present = by_key(own("a"), own("b"), own("c"), own("d"))
    file = [own("a"), own("b", "new"), own("e"), own("f"), own("g")]
    found = merged(present, [Incoming(entry, "") for entry in file], replaces=True)

    assert found.entries == by_key(*file)
    change = difference(present, found.entries)
    assert (change.new, change.changed, change.deleted, change.kept) == (3, 1, 2, 1)


def test_no_entry_takes_the_place_of_another_one() -> None:
    twice = merged({}, [Incoming(own("a", "1"), ""), Incoming(own("a", "2"), "")], replaces=False)
    over_another = merged(by_key(own("a"), own("b")), [Incoming(own("b", "new"), own_id("a"))], replaces=False)

    assert [number for number, _ in twice.problems] == [1]
    assert [number for number, _ in over_another.problems] == [0]


KEYS = st.sampled_from("abcd")
INCOMING = st.lists(
    st.builds(lambda key, answer, name: Incoming(own(key, answer), name), KEYS, KEYS, KEYS.map(own_id) | st.just("x"))
)


@given(st.dictionaries(KEYS, KEYS), INCOMING, st.booleans())
def test_twice_is_the_same_as_once(present: dict[str, str], incoming: list[Incoming], replaces: bool) -> None:
    before = {key: own(key, answer) for key, answer in present.items()}
    once = merged(before, incoming, replaces=replaces)
    if once.problems:
        return
    again = merged(once.entries, incoming, replaces=replaces)

    assert (again.entries, again.problems) == (once.entries, [])
