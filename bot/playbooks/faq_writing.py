"""Groups' own entries as a FAQ file, fit for `playbooks/faq/` as it is."""

from collections.abc import Sequence
from typing import Any

import yaml

from bot.domain.faq import Entry
from bot.domain.faq_written import written
from bot.domain.groups import Group

_HEAD = """\
# Exported by `hearthbot export faq`. To change entries of a group: edit them here, and `hearthbot import faq FILE`.
# To keep them in a file instead: put this one into playbooks/faq/, and delete them in the group.
"""


_WIDTH = 100_000  # a pattern stays on its line


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def faq_yaml(entries: Sequence[tuple[Group, Sequence[Entry]]]) -> str:
    """A file with the entries; those of several groups say each for itself whose they are."""
    used = [(group, own) for group, own in entries if own]
    lines = [f"# {group.chat_id}: {_shown(group.title)}\n" for group, _ in used]
    if len(used) == 1:
        [(group, own)] = used
        document = {"groups": [str(group.chat_id)], "entries": [written(entry) for entry in own]}
    else:
        each = [written(entry) | {"groups": [str(group.chat_id)]} for group, own in used for entry in own]
        document = {"entries": each}
    said = yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_WIDTH)
    return _HEAD + "".join(lines) + said


def _shown(title: str) -> str:
    """A title that ends no comment."""
    return "".join(letter for letter in " ".join(title.split()) if letter.isprintable())
