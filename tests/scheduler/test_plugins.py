"""Actions that plugins bring; the first one is that of the documentation."""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

from bot.playbooks.playbook_files import PlaybookReader
from bot.playbooks.plugins import GROUP, load_plugins
from bot.playbooks.reading_actions import Plugin
from tests.scheduler.conftest import Groups
from tests.scheduler.test_effects import at_noon

DOCUMENTATION = (Path(__file__).parents[2] / "docs/developers.md").read_text("utf-8")
SECTION = DOCUMENTATION.partition("\n## Add an action of playbooks\n")[2].partition("\n## ")[0]


@pytest.fixture
def acme_bell() -> Iterator[ModuleType]:
    """The package of the documentation."""
    code = re.search(r"```python\n(.*?)```", SECTION, re.DOTALL)
    assert code is not None
    module = ModuleType("acme_bell")
    exec(code[1], module.__dict__)
    sys.modules["acme_bell"] = module
    yield module
    del sys.modules["acme_bell"]


@pytest.fixture
def plugins(acme_bell: ModuleType) -> dict[str, Plugin]:
    written = re.search(r'^bell = "(.*)"$', SECTION, re.MULTILINE)
    assert written is not None
    return load_plugins([EntryPoint("bell", written[1], GROUP)])


async def test_a_plugin_does_what_it_does(
    groups: Groups, plugins: dict[str, Plugin], capsys: pytest.CaptureFixture[str]
) -> None:
    groups.plugins |= plugins
    await groups.found(-1, "Fans")
    groups.runs(at_noon("acme.bell: {times: 3}", "send: Done"))

    assert await groups.until("2026-11-22T12:30") == ["12:00 Fans: Done"]
    assert capsys.readouterr().out == "playbook:1:0: Fans, 3 times\n"


async def test_a_plugin_that_fails_ends_its_step_alone(
    groups: Groups, plugins: dict[str, Plugin], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def perform(*_: object) -> None:
        raise ValueError("the bell is broken")

    monkeypatch.setattr(plugins["acme.bell"], "perform", perform, raising=False)
    groups.plugins |= plugins
    await groups.found(-1, "Fans")
    groups.runs(at_noon("acme.bell: {times: 3}", "send: Done"), at_noon("send: Other"))

    assert await groups.until("2026-11-22T12:30") == ["12:00 Fans: Other"]
    assert await groups.states() == ["noon 2026-11-22T12:00 failed", "noon 2026-11-22T12:00 sent"]


async def test_a_kill_lets_a_repeatable_action_of_a_plugin_run_again(
    groups: Groups, plugins: dict[str, Plugin], capsys: pytest.CaptureFixture[str]
) -> None:
    groups.plugins |= plugins
    await groups.found(-1, "Fans")
    groups.runs(at_noon("acme.bell: {times: 3}"))
    await groups.until("2026-11-22T11:59")
    groups.clock.advance(minutes=6)
    await groups.deliveries.ring(groups.runner.running.timetable.due)
    (row,) = await groups.database.read(lambda tx: tx.deliveries.all())
    await groups.database.write(lambda tx: tx.deliveries.claim(row.group_id, groups.clock.now, groups.clock.now))

    await groups.until("2026-11-22T12:30")
    assert capsys.readouterr().out == "playbook:1:0: Fans, 3 times\n"
    assert await groups.states() == ["noon 2026-11-22T12:00 sent"]


async def test_a_mistake_behind_a_plugins_name_has_its_line_and_column(
    plugins: dict[str, Plugin], tmp_path: Path
) -> None:
    path = tmp_path / "bell.yaml"
    path.write_text("name: bell" + at_noon("acme.bell: {times: 30}"))

    (mistake,) = PlaybookReader(tmp_path, plugins=plugins).read(path).mistakes
    assert str(mistake).endswith(":7:28: must be a whole number from 1 to 9, not `30`")


def test_a_broken_plugin_is_one_line_in_the_log_and_the_others_work(
    acme_bell: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [EntryPoint(name, f"acme_bell:{name}", GROUP) for name in ("Bell", "Gong", "Done", "Bell")]

    assert list(load_plugins([*found, EntryPoint("lost", "acme_lost:Lost", GROUP)])) == ["acme.bell"]
    assert capsys.readouterr().out.count("plugin not used") == 4
