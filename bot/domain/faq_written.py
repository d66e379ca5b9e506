"""How entries are written down: as the keys of a FAQ file, and as the cells of a table."""

from collections.abc import Iterable, Mapping, Sequence

from bot.domain.faq import Entry, Hours, LinkButton, Photo, written_keyword
from bot.domain.groups import Group

Written = str | int | bool | list[str] | list[int] | list[dict[str, str]]

OF_PLATFORM = "id:"
"""What a picture begins with that is named by the platform's id, and not by its file."""

ANSWER, GROUP_ID, GROUP = "answer", "group_id", "group"
"""Columns of a table that a file has no keys for; further answers are in `answer_2` and so on."""

COLUMNS = (
    "name", "keywords", "unless", ANSWER, "pick", "priority", "hours", "otherwise", "from", "until", "buttons",
    "delete_after", "delete_question", "cooldown", "topics", "photo", "private", "hand_over",
)  # fmt: skip


def written(entry: Entry) -> dict[str, Written]:
    """An entry as a FAQ file has it, apart from whom it is for; what is as usual is left out."""
    days = (("from", entry.valid_from), ("until", entry.valid_until))
    may_be: dict[str, Written | None] = {
        "unless": list(entry.unless),
        "answers": [answer for answer in entry.answers if answer],
        "pick": entry.picks if entry.picks != "turn" else None,
        "priority": entry.priority,
        "hours": _hours(entry.hours) if entry.hours else None,
        "otherwise": entry.otherwise,
        **{name: day.isoformat() for name, day in days if day},
        "buttons": [{"text": button.text, "url": button.url} for button in entry.buttons],
        "delete_after": entry.lifetime or None,
        "delete_question": entry.deletes_question or None,
        "cooldown": entry.cooldown,
        "topics": sorted(entry.topics),
        "photo": _photo(entry.photo) if entry.photo else None,
        "private": entry.is_private or None,
        "hand_over": entry.hands_over or None,
    }
    always: dict[str, Written] = {"name": entry.id, "keywords": [written_keyword(one) for one in entry.keywords]}
    return always | {key: value for key, value in may_be.items() if value is not None and value != []}


def table(entries: Iterable[tuple[Group, Sequence[Entry]]]) -> list[Sequence[str | int]]:
    """Groups' own entries as rows, the heading first: there are as many columns as any entry has answers."""
    of_groups = [(group, entry) for group, own in entries for entry in own]
    most = max((len(entry.answers) for _, entry in of_groups), default=1)
    place = COLUMNS.index(ANSWER) + 1
    columns = (*COLUMNS[:place], *(f"{ANSWER}_{number}" for number in range(2, most + 1)), *COLUMNS[place:])
    rows: list[Sequence[str | int]] = [(GROUP_ID, GROUP, *columns)]
    for group, entry in of_groups:
        cells = _cells(entry)
        rows.append((str(group.chat_id), group.title, *(cells.get(column, "") for column in columns)))
    return rows


def _cells(entry: Entry) -> Mapping[str, str | int]:
    cells: dict[str, str | int] = {}
    for number, answer in enumerate(entry.answers, 1):
        cells[ANSWER if number == 1 else f"{ANSWER}_{number}"] = answer
    for key, value in written(entry).items():
        if key == "buttons":
            cells[key] = "\n".join(map(_line, entry.buttons))
        elif isinstance(value, list):
            cells[key] = "\n".join(map(str, value))
        else:
            cells[key] = "yes" if value is True else value
    return cells


def _line(button: LinkButton) -> str:
    return f"{button.text} | {button.url}"


def _hours(hours: Hours) -> str:
    return f"{hours.start:%H:%M}-{hours.end:%H:%M}"


def _photo(photo: Photo) -> str:
    return f"{OF_PLATFORM}{photo.file_id}" if photo.file_id else photo.path
