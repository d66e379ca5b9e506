"""Entries that leave as a file and come back: nothing about them is lost, whatever the kind of file."""

from dataclasses import replace
from datetime import date, time
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.domain.faq import MODES, Entry, Hours, Keyword, LinkButton, Photo
from bot.domain.faq_own import OWN_PRIORITY, own_id
from bot.domain.faq_written import table
from bot.domain.groups import Group
from bot.domain.settings import settings_from
from bot.playbooks.faq_entries import Placed, entries_of
from bot.playbooks.faq_tables import document_of, read_faq_table, with_column
from bot.playbooks.faq_writing import faq_yaml
from bot.services.exports import CsvFile, XlsxFile
from bot.services.faq_index import KeywordError, check_keyword, key_of, normal_form
from bot.yaml_places import Mistake, read_file
from storage.faq_json import as_json, from_json

GROUPS = [Group(n, -1001234567890 - n, f"Hearth {n}", n, "", True, settings_from({}, {})) for n in (1, 2)]

LETTERS = st.characters(exclude_categories=("Cc", "Cs")) | st.sampled_from("'=+-@|\"#:>&退货😀,;\u2028 ")
LINES = st.text(LETTERS, min_size=1, max_size=20).map(lambda text: " ".join(text.split())).filter(bool)
HTML = st.text(LETTERS | st.just("\n") | st.just("\t"), min_size=1, max_size=40).map(
    lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace("{", "").strip()
)
ANSWERS = (
    HTML.filter(bool)
    | st.sampled_from(["'=1", "''+", "=1+1", "-"])
    | st.just("<b>Two</b> days, {{ name }}.\n\n  - one\n--- \n<tg-spoiler>x</tg-spoiler>")
)
BUTTONS = st.builds(LinkButton, LINES, st.sampled_from(["https://example.org/?a=1&b=|", "tg://resolve?domain=x"]))
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
TIMES = st.times().map(lambda at: time(at.hour, at.minute))


def _stands(keyword: Keyword) -> bool:
    try:
        check_keyword(keyword)
    except KeywordError:
        return False
    return True


KEYWORDS = st.builds(Keyword, LINES, st.sampled_from(MODES)).filter(_stands) | st.builds(
    Keyword, LINES, st.just("fuzzy"), st.integers(50, 100)
).filter(_stands)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """An own entry that a file may hold."""
    hours = draw(st.none() | st.builds(Hours, TIMES, TIMES))
    days = sorted(draw(st.lists(DAYS, min_size=2, max_size=2)))
    lifetime = draw(st.integers(0, 172_000))
    photo = draw(st.none() | st.just(Photo(file_id="AgACAgQAA-_x=")) | st.just(Photo(path="media/a.jpg")))
    keywords = tuple(draw(st.lists(KEYWORDS, min_size=1, max_size=4)))
    only_picture = photo is not None and draw(st.booleans())
    return Entry(
        own_id(key_of(keywords[0])),
        keywords,
        ("",) if only_picture else tuple(draw(st.lists(ANSWERS, min_size=1, max_size=3))),
        picks=draw(st.sampled_from(["turn", "random"])),
        priority=draw(st.integers(-100, 100)),
        unless=tuple(draw(st.lists(LINES.filter(normal_form), max_size=2))),
        hours=hours,
        otherwise=draw(st.none() | ANSWERS) if hours else None,
        valid_from=draw(st.none() | st.just(days[0])),
        valid_until=draw(st.none() | st.just(days[1])),
        buttons=tuple(draw(st.lists(BUTTONS, max_size=2))),
        lifetime=lifetime,
        cooldown=draw(st.none() | st.integers(0, 86_400)),
        topics=frozenset(draw(st.lists(st.integers(1, 999_999_999), max_size=2))),
        photo=photo,
        is_private=draw(st.booleans()),
        hands_over=draw(st.booleans()),
        deletes_question=draw(st.booleans()) if lifetime else False,
    )


OWN = st.lists(entries(), max_size=3, unique_by=lambda entry: entry.id)


@pytest.fixture(scope="module")
def playbooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("playbooks")
    (folder / "media").mkdir()
    (folder / "media" / "a.jpg").write_bytes(b"x")
    return folder


def as_csv(own: list[tuple[Group, list[Entry]]]) -> bytes:
    return _written(own, CsvFile)


def as_xlsx(own: list[tuple[Group, list[Entry]]]) -> bytes:
    return _written(own, XlsxFile)


def as_yaml(own: list[tuple[Group, list[Entry]]]) -> bytes:
    return faq_yaml(own).encode()


def _written(own: list[tuple[Group, list[Entry]]], kind: type[CsvFile] | type[XlsxFile]) -> bytes:
    file = BytesIO()
    sink = kind(file)
    sink.write(table(own))
    sink.close()
    return file.getvalue()


def read(file: Path, playbooks: Path) -> tuple[list[Placed], list[str]]:
    mistakes: list[Mistake] = []
    if file.suffix == ".yaml":
        document = read_file(file, mistakes)
        found = list(entries_of(document, playbooks, OWN_PRIORITY)) if document else []
        return found, [str(mistake) for mistake in mistakes]
    read_table = read_faq_table(file, mistakes)
    if read_table is None:
        return [], [str(mistake) for mistake in mistakes]
    found = list(entries_of(document_of(read_table, mistakes), playbooks, OWN_PRIORITY))
    return found, [str(with_column(mistake, read_table)) for mistake in sorted(mistakes)]


@hypothesis_settings(max_examples=25)
@given(one=OWN, other=OWN)
def test_what_leaves_comes_back(playbooks: Path, one: list[Entry], other: list[Entry]) -> None:
    own = [(GROUPS[0], one), (GROUPS[1], other)]
    left = [(frozenset({str(group.chat_id)}), entry.id, entry) for group, entries in own for entry in entries]
    assert [from_json(as_json(entry)) for _, _, entry in left] == [entry for _, _, entry in left]

    for kind, write in (("csv", as_csv), ("xlsx", as_xlsx), ("yaml", as_yaml)):
        file = playbooks / f"faq.{kind}"
        file.write_bytes(write(own))
        found, mistakes = read(file, playbooks)

        assert mistakes == []
        assert [
            (placed.entry.groups, placed.name, replace(placed.entry, id=placed.name, groups=frozenset()))
            for placed in found
        ] == left


def test_no_cell_of_a_csv_file_begins_like_a_formula() -> None:
    evil = Entry("own:a", (Keyword("+1", "exact"),), ("=HYPERLINK(1)", "@x"), unless=("-2",))
    lines = as_csv([(GROUPS[0], [evil])]).decode("utf-8-sig").splitlines()

    assert lines[1].startswith("'-1001234567891,Hearth 1,own:a,exact:+1,'-2,'=HYPERLINK(1),'@x,")


HEADING = "group,name,keywords,answer,answer_2,hours,from,buttons,topics,private,priority\n"


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("", ["1:1: the column `answer` is missing", "1:1: the column `keywords` is missing"]),
        (
            "keywords,answer,anwser,private,private\n",
            [
                "1:3: unknown column `anwser`; did you mean `answer`?",
                "1:5: the column `private` is here twice; keep one",
            ],
        ),
        ("keywords,answer,frobs\nhello,hi,x\nbye,so,y\n", ["1:3: unknown column `frobs`; did you mean `from`?"]),
        (HEADING + "Hearth,,hello,,,,,,,,\n", ["2:1: `answers` is missing"]),
        (HEADING + "Hearth,,,hi,,,,,,,\n", ["2:1: `keywords` is missing"]),
        (
            HEADING + 'Hearth,,hello,"two\nlines",<i>x,9-18,tomorrow,Track,x,perhaps,high\nHearth,,(,hi,,,,,,,,more\n',
            [
                "2:5: answer_2: <i> is never closed",
                "2:6: `hours` must be like 09:00-18:00",
                "2:7: from: a day must be like 2026-01-31",
                "2:8: buttons: `url` is missing",
                "2:9: topics: must be a whole number from 1 to 999999999, not `x`",
                "2:10: private: must be true or false, not `perhaps`",
                "2:11: priority: must be a whole number from -100 to 100, not `high`",
                "3:3: keywords: keyword `(`: needs 1 to 64 letters or digits",
                "3:12: the first row has no name for this column",
            ],
        ),
        (HEADING + 'Hearth,,"hello,hi', ["2:1: this is not CSV: unexpected end of data"]),
        ("Größe", ["1:1: this is not UTF-8 text; save it as `CSV UTF-8`, or as XLSX"]),
        ("PK", ["1:1: this is not an XLSX workbook: Cannot detect file format"]),
    ],
)  # fmt: skip
def test_mistakes_in_a_table_name_row_and_column(tmp_path: Path, text: str, mistakes: list[str]) -> None:
    file = tmp_path / "faq.csv"
    file.write_bytes(text.encode("cp1252"))

    assert [mistake.removeprefix(f"{file}:") for mistake in read(file, tmp_path)[1]] == mistakes


def test_what_is_called_a_workbook_and_is_none_is_not_taken_for_csv(tmp_path: Path) -> None:
    file = tmp_path / "faq.xlsx"
    file.write_bytes(b"keywords,answer\n\xff")

    assert read(file, tmp_path)[1] == [f"{file}:1:1: this is not an XLSX workbook: Cannot detect file format"]


def test_a_table_is_read_as_spreadsheets_write_it(tmp_path: Path) -> None:
    file = tmp_path / "faq.csv"
    text = "\ufeffGroup;Keywords;Answer;From;Priority;Private\r\nHearth;'+1\r\nhello;Hi;2026/1/2;5;TRUE\r\n;;;;;\r\n"
    file.write_text(text.replace("'+1\r\nhello", '"\'+1\r\nhello"'), "utf-8", newline="")

    [placed], mistakes = read(file, tmp_path)

    assert mistakes == []
    assert [keyword.text for keyword in placed.entry.keywords] == ["+1", "hello"]
    assert (placed.entry.valid_from, placed.entry.priority) == (date(2026, 1, 2), 5)
    assert (placed.entry.is_private, placed.entry.groups) == (True, frozenset({"Hearth"}))


def test_a_workbook_is_read_as_people_write_it(tmp_path: Path) -> None:
    from xlsxwriter import Workbook

    workbook = Workbook(tmp_path / "faq.xlsx")
    sheet = workbook.add_worksheet()
    sheet.write_row(0, 0, ["keywords", "answer", "priority", "from", "private", "until"])
    sheet.write_row(1, 0, [2024, "A year", 7])
    sheet.write_datetime(1, 3, date(2026, 1, 2), workbook.add_format({"num_format": "yyyy-mm-dd"}))
    sheet.write_boolean(1, 4, True)
    sheet.write_formula(1, 5, "=1/0", None, "#DIV/0!")
    workbook.close()

    [placed], mistakes = read(tmp_path / "faq.xlsx", tmp_path)

    assert mistakes == []
    assert placed.entry.keywords == (Keyword("2024", "word"),)
    assert (placed.entry.priority, placed.entry.valid_from) == (7, date(2026, 1, 2))
    assert (placed.entry.is_private, placed.entry.valid_until) == (True, None)
