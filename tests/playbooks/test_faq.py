"""FAQ files: what they may say, and how their mistakes are named."""

import os
from datetime import date, time
from pathlib import Path

import pytest

from bot.domain.faq import Hours, Keyword, LinkButton, Photo
from bot.playbooks.faq import FaqFiles, faq_files, mistakes_between, read_faq_file

GOOD = """
groups: [Hearth, -1001]
entries:
  - name: shipping
    keywords:
      - 多久发货
      - exact:hi
      - fuzzy: redeem
        threshold: 90
      - regex: ^order \\d+$
    unless: [ship name]
    answers:
      - Two <b>days</b>, {{ name }}.
      - 010
    pick: random
    priority: 5
    hours: 09:00-18:30
    otherwise: "no"
    from: 2026-01-01
    until: 2026-12-31
    buttons:
      - {text: Track, url: "https://example.org/?a=1"}
    delete_after: 300
    cooldown: 0
"""


def written(folder: Path, text: str, name: str = "shop.yaml") -> Path:
    (folder / "faq").mkdir(exist_ok=True)
    path = folder / "faq" / name
    path.write_text(text, "utf-8")
    return path


def entry(rest: str) -> str:
    return f"entries:\n  - name: a\n    keywords: [hello]\n    answers: [hi]\n    {rest}\n"


def test_everything_that_an_entry_can_say(tmp_path: Path) -> None:
    file = read_faq_file(written(tmp_path, GOOD))

    assert file.mistakes == ()
    [found] = file.entries
    assert found.id == "shop.yaml:shipping"
    assert found.keywords == (
        Keyword("多久发货", "contains"),
        Keyword("hi", "exact"),
        Keyword("redeem", "fuzzy", 90),
        Keyword(r"^order \d+$", "regex"),
    )
    assert found.answers == ("Two <b>days</b>, {{ name }}.", "010")
    assert (found.picks, found.priority, found.unless) == ("random", 5, ("ship name",))
    assert (found.hours, found.otherwise) == (Hours(time(9), time(18, 30)), "no")
    assert (found.valid_from, found.valid_until) == (date(2026, 1, 1), date(2026, 12, 31))
    assert found.buttons == (LinkButton("Track", "https://example.org/?a=1"),)
    assert (found.lifetime, found.cooldown) == (300, 0)
    assert found.groups == {"Hearth", "-1001"}


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("", ["1:1: `entries` is missing"]),
        ("hello", ["1:1: this must be keys with values, such as `groups: …`"]),
        ("entries: hello", ["1:10: this must be a list: one item a line, each after a `-`"]),
        ("entries:\n  - [", ["3:1: this is not YAML: did not find expected node content"]),
        ("entries: [\tx]: y", ["1:14: this is not YAML: mapping values are not allowed in this context; "
                                 "a text that holds a colon and a space needs quotes"]),
        ("groups: []\nentries: []", ["1:9: no group is named; write titles or chat ids, or `groups: all`"]),
        (
            "entries:\n  - name: a",
            ["2:5: `answers` is missing", "2:5: `keywords` is missing"],
        ),
        (entry("keyword: x"), ["5:5: unknown key `keyword`; did you mean `keywords`?"]),
        (entry("name: b"), ["5:5: `name` is here twice, first on line 2; keep one"]),
        (entry("photo: media/none.jpg"), ["5:12: there is no file `media/none.jpg` in the playbooks directory"]),
        (entry("buttons: [" + "{text: x, url: 'tg://x'}, " * 11 + "]"),
         ["5:14: an answer has at most 10 buttons, this has 11"]),
        (entry(f"buttons: [{{text: x, url: 'https://{'x' * 2000}'}}]"),
         ["5:30: `url` has at most 2000 characters, this has 2008"]),
        ("entries:\n  - {name: a, keywords: [], answers: []}",
         ["2:25: this is empty; write at least one", "2:38: this is empty; write at least one"]),
        ('entries:\n  - {name: a, keywords: ["a\\nb"], answers: ["\\x07"], unless: ["c\\nd"]}',
         ["2:26: a keyword is one line", "2:45: this holds a control character (U+0007); take it out",
          "2:63: this must be one line"]),
        (entry("hours: 9-18"), ["5:12: `hours` must be like 09:00-18:00"]),
        (entry("otherwise: x"), ["5:16: `otherwise` is said outside `hours`, which are missing"]),
        (entry("from: tomorrow"), ["5:11: a day must be like 2026-01-31"]),
        (entry("priority: high"), ["5:15: must be a whole number from -100 to 100, not `high`"]),
        (entry("pick: best"), ["5:11: must be one of turn, random, not `best`"]),
        (entry("unless: ['!']"), ["5:14: this has no letter and no digit"]),
        (entry("buttons: [{text: x}]"), ["5:15: `url` is missing"]),
        (entry("buttons: [{text: x, url: 'javascript:x'}]"),
         ["5:30: `url` must be an address such as https://example.org"]),
        ("entries:\n  - {name: a, keywords: [{exact: a, word: b}], answers: [x]}",
         ["2:26: a keyword has one of exact, contains, word, prefix, regex, fuzzy"]),
        ("entries:\n  - {name: a, keywords: [{word: ab, threshold: 70}], answers: [x]}",
         ["2:48: `threshold` is for fuzzy keywords"]),
        ("entries:\n  - {name: a, keywords: [退, 'regex:('], answers: [x]}",
         ["2:26: keyword `退`: needs 2 to 64 letters or digits",
          "2:29: keyword `(`: no pattern that RE2 understands: missing ): ("]),
        ("entries:\n  - {name: a, keywords: [ab], answers: [[x]]}", ["2:41: this must be a single value"]),
        ("entries:\n  - {name: a, keywords: [ab], answers: ['']}", ["2:41: this is empty; write a text"]),
        ("entries:\n  - {name: a, keywords: [ab], answers: ['{{ secret }}']}",
         ["2:41: unknown variable `secret`; known are name, group"]),
        ("entries:\n  - {name: a, keywords: [ab], answers: ['<div>x</div>', '<b>x', 'x</b>', 'a & b', '1 < 2']}",
         ["2:41: <div> is not a tag that Telegram knows; write &lt; for a <", "2:57: <b> is never closed",
          "2:65: </b> closes nothing", "2:74: write &amp; for a &", "2:83: write &lt; for a <"]),
        ("entries:\n" + "  - {name: a, keywords: [ab], answers: [x]}\n" * 2,
         ["3:12: the name `a` is taken, on line 2"]),
        ("entries: " + "[" * 5000, ["1:1: lists within lists, too deep to be meant"]),
    ],
)  # fmt: skip
def test_mistakes_name_their_place(tmp_path: Path, text: str, mistakes: list[str]) -> None:
    path = written(tmp_path, text)

    file = read_faq_file(path)

    assert [str(mistake).removeprefix(f"{path}:") for mistake in file.mistakes] == mistakes
    assert file.entries == ()


def test_an_entry_may_say_for_itself_whom_it_is_for(tmp_path: Path) -> None:
    line = "  - {name: a, keywords: [hello], answers: [hi]"
    text = f"groups: [Hearth]\nentries:\n{line}}}\n{line}, groups: [Other]}}\n{line}, tags: [VIP]}}\n"

    file = read_faq_file(written(tmp_path, text))

    assert file.mistakes == ()
    assert [(set(entry.groups), set(entry.tags)) for entry in file.entries] == [
        ({"Hearth"}, set()),
        ({"Other"}, set()),
        (set(), {"vip"}),
    ]
    assert len({entry.id for entry in file.entries}) == 3


def test_a_picture_may_be_the_platforms_and_needs_no_words(tmp_path: Path) -> None:
    file = read_faq_file(written(tmp_path, "entries:\n  - {name: a, keywords: [hello], photo: 'id:AgAC'}"))

    assert file.mistakes == ()
    assert (file.entries[0].photo, file.entries[0].answers) == (Photo(file_id="AgAC"), ("",))


def test_formatting_of_telegrams_own_is_html(tmp_path: Path) -> None:
    answer = '<a href="https://x.org/?a=1&b=2">x</a> <tg-spoiler>y</tg-spoiler> <blockquote expandable>z</blockquote>'

    assert read_faq_file(written(tmp_path, f"entries:\n  - {{name: a, keywords: [hi], answers: ['{answer}']}}")).entries


def test_days_in_the_wrong_order(tmp_path: Path) -> None:
    file = read_faq_file(written(tmp_path, entry("from: 2026-01-02\n    until: 2026-01-01")))

    assert [mistake.what for mistake in file.mistakes] == ["`until` is before `from`"]


def test_what_is_no_utf_8(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    path.write_bytes("entries: 退货".encode("gbk"))

    assert [m.what for m in read_faq_file(path).mistakes] == ["this is not UTF-8 text; save it again as UTF-8"]


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    assert [m.what for m in read_faq_file(tmp_path / "none.yaml").mistakes] == [
        "cannot be read: No such file or directory"
    ]


def test_too_many_fuzzy_keywords(tmp_path: Path) -> None:
    words = ", ".join(f"'fuzzy:word{n}'" for n in range(501))
    file = read_faq_file(written(tmp_path, f"entries:\n  - {{name: a, keywords: [{words}], answers: [x]}}"))

    assert [m.what for m in mistakes_between([file])] == ["all files together have 501 fuzzy keywords; at most 500"]


def test_files_are_read_again_when_they_change_and_a_bad_one_keeps_its_last_good_version(tmp_path: Path) -> None:
    files = FaqFiles(tmp_path)
    assert files.look() is None
    path = written(tmp_path, entry("priority: 1"))
    other = written(tmp_path, entry("priority: 2"), "other.yml")

    first = files.look()
    assert first is not None
    assert (sorted(first[0].entries), first[1]) == (["other.yml:a", "shop.yaml:a"], [])
    assert files.look() is None

    path.write_text(entry("priority: high"), "utf-8")
    os.utime(path, ns=(1, 1))
    second = files.look()
    assert second is not None
    assert second[0].entries["shop.yaml:a"].priority == 1
    assert [mistake.line for mistake in second[1]] == [5]
    assert files.look() is None, "the same mistake is said once"

    other.unlink()
    path.write_text(entry("priority: 7"), "utf-8")
    third = files.look()
    assert third is not None
    assert {name: found.priority for name, found in third[0].entries.items()} == {"shop.yaml:a": 7}


def test_too_much_together_keeps_what_was(tmp_path: Path) -> None:
    files = FaqFiles(tmp_path)
    written(tmp_path, entry("priority: 1"))
    files.look()
    words = ", ".join(f"'fuzzy:word{n}'" for n in range(501))
    written(tmp_path, f"entries:\n  - {{name: b, keywords: [{words}], answers: [x]}}", "more.yaml")

    found = files.look()

    assert found is not None
    assert list(found[0].entries) == ["shop.yaml:a"]
    assert len(found[1]) == 1


def test_every_shipped_file_is_without_mistakes() -> None:
    root = Path(__file__).parent.parent.parent / "playbooks"

    assert [str(mistake) for path in faq_files(root) for mistake in read_faq_file(path).mistakes] == []
