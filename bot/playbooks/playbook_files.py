"""Playbook files: YAML that ops write, read as a whole; every mistake is named by its file, line and column."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.domain.slots import CronTimes, Days, QuietHours, Times
from bot.playbooks.libraries import Libraries
from bot.playbooks.model import After, Audience, Playbook, Step
from bot.playbooks.posting_times import posting_times
from bot.playbooks.promotions import most_on_a_day
from bot.playbooks.reachable import ever_comes, has_days
from bot.playbooks.reading_actions import ActionReader, Plugin
from bot.playbooks.reading_steps import StepReader, tag
from bot.playbooks.reading_times import days, except_days, hours, zone
from bot.playbooks.templates import Variables, suggestion
from bot.yaml_places import Keys, Mistake, Place, read_file, whole

MOST_STEPS = 200

_KEYS = (
    "name", "description", "groups", "timezone", "days", "except", "from", "until", "quiet_hours", "promo_budget",
    "values", "steps",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlaybookFile:
    """What was read of one file; one with mistakes has no playbook."""

    path: Path
    playbook: Playbook | None = None
    mistakes: tuple[Mistake, ...] = ()

    @property
    def name(self) -> str | None:
        """The playbook's name."""
        return self.playbook.name if self.playbook else None


@dataclass(frozen=True, slots=True)
class PlaybookReader:
    """Reads playbook files of a directory. `wrong_terms` says what is wrong with a lottery's terms, if anything is."""

    root: Path
    wrong_terms: Callable[[str], str | None] = lambda _terms: None
    plugins: Mapping[str, Plugin] = field(default_factory=dict)

    def files(self) -> list[Path]:
        """The playbooks of the directory, in the order in which they are read."""
        return sorted(path for path in self.root.glob("*.y*ml") if path.suffix in {".yaml", ".yml"})

    def read(self, path: Path) -> PlaybookFile:
        """The playbook of a file, or all its mistakes."""
        mistakes: list[Mistake] = []
        place = read_file(path, mistakes)
        playbook = _Reading(self, path, Libraries(self.root, mistakes)).playbook(place) if place else None
        if mistakes:
            return PlaybookFile(path, mistakes=tuple(sorted(set(mistakes))))
        return PlaybookFile(path, playbook)


@dataclass(frozen=True, slots=True)
class _Reading:
    reader: PlaybookReader
    path: Path
    libraries: Libraries

    def playbook(self, place: Place) -> Playbook | None:
        keys = place.keys(*_KEYS, needed=["name", "steps"])
        name = keys.read("name", _name)
        values = _values(keys)
        steps = StepReader(lambda variables: self._actions(variables, values)).step
        span = self._days(keys)
        found = self._steps(keys, steps, span)
        quiet = keys.read("quiet_hours", hours)
        if quiet:
            _check_quiet_hours(keys, found, quiet)
        budget = keys.read("promo_budget", whole(0, 100))
        if budget is not None:
            _check_budget(keys, found, budget)
        if name is None:
            return None
        return Playbook(
            name=name,
            path=self.path,
            steps=tuple(found.values()),
            description=keys.read("description", Place.text) or "",
            audience=keys.read("groups", _audience) or Audience(),
            zone=keys.read("timezone", zone),
            days=span,
            quiet_hours=quiet,
            promo_budget=budget,
            values=values,
        )

    def _actions(self, variables: Variables, values: Mapping[str, Mapping[str, str]]) -> ActionReader:
        return ActionReader(
            root=self.reader.root,
            variables={**variables, **_value_variables(values)},
            libraries=self.libraries,
            wrong_terms=self.reader.wrong_terms,
            plugins=self.reader.plugins,
        )

    def _days(self, keys: Keys) -> Days:
        first, last = keys.read("from", Place.day), keys.read("until", Place.day)
        named = days(keys["days"]) if "days" in keys else Days()
        span = replace(named, never=keys.each("except", except_days), first=first, last=last)
        if first and last and first > last:
            keys["until"].mistake("`until` is before `from`")
        elif not has_days(span):
            wrong = next(name for name in ("days", "except", "until") if name in keys)
            keys[wrong].mistake("`days`, `except`, `from` and `until` leave no day on which it runs")
        return span

    def _steps(self, keys: Keys, read: Callable[[Place], Step | None], span: Days) -> dict[str, Step]:
        """The steps by their ids, each checked against the others."""
        places = keys["steps"].items() if "steps" in keys else []
        if "steps" in keys and keys["steps"].is_list() and not 1 <= len(places) <= MOST_STEPS:
            keys["steps"].mistake(f"a playbook has 1 to {MOST_STEPS} steps")
        found: dict[str, Step] = {}
        where: dict[str, Place] = {}
        for place in places:
            step = read(place)
            if step is not None and step.id in found:
                place.mistake(f"the id `{step.id}` is taken, on line {found[step.id].line}")
            elif step is not None:
                found[step.id], where[step.id] = step, place
        _check_chains(found, where)
        for step in found.values() if has_days(span) else ():
            if not ever_comes(step, span):
                where[step.id].mistake(f"`{step.id}` never comes: none of its days is one of the playbook's days")
        return found


def mistakes_between(files: Iterable[PlaybookFile]) -> list[Mistake]:
    """What is wrong with files that are right each by itself: two playbooks of one name."""
    taken: dict[str, Path] = {}
    found = []
    for file in files:
        if file.playbook is None:
            continue
        name = file.playbook.name
        if name in taken:
            found.append(Mistake(str(file.path), 1, 1, f"the name `{name}` is taken, by {taken[name]}"))
        taken.setdefault(name, file.path)
    return found


def _name(place: Place) -> str | None:
    name = place.text()
    if name is not None and len(name) > 64:
        place.mistake("a name has at most 64 characters")
    return name


def _audience(place: Place) -> Audience:
    if place.is_scalar("all"):
        return Audience()
    keys = place.keys("tags", "names")
    tags, names = keys.some("tags", tag), keys.some("names", Place.text)
    if place.is_mapping() and not keys.places:
        place.mistake("no group is named; write `tags`, `names`, or `groups: all`")
    return Audience(frozenset(tags), frozenset(names))


def _values(keys: Keys) -> dict[str, dict[str, str]]:
    """What texts may name as `value.NAME`: for `all`, and for groups by their titles or chat ids."""
    if "values" not in keys:
        return {}
    found = {}
    for group, of_group in keys["values"].entries().items():
        values = {name: text for name, place in of_group.entries().items() if (text := place.text())}
        for name, place in of_group.entries().items():
            if not name.isidentifier():
                place.mistake(f"`{name[:40]}` cannot be named in a text; use letters, digits and _")
        found["" if group == "all" else group] = values
    for group, values in found.items():
        missing = sorted(set(values) - set(found.get("", {})))
        if group and missing:
            keys["values"].mistake(f"`{missing[0]}` is missing under `all`: other groups would have none")
    return found


def _value_variables(values: Mapping[str, Mapping[str, str]]) -> Variables:
    names = values.get("", {})
    return {f"value.{name}": max(len(of.get(name, "")) for of in values.values()) for name in names}


def _check_chains(steps: Mapping[str, Step], where: Mapping[str, Place]) -> None:
    """A step comes after one that there is, and no chain of them leads back to itself."""
    for step in steps.values():
        if isinstance(step.trigger, After) and step.trigger.step not in steps:
            unknown = step.trigger.step[:40]
            where[step.id].mistake(f"there is no step `{unknown}`{suggestion(unknown, tuple(steps))}")
    for step in steps.values():
        chain = [step]
        while isinstance(trigger := chain[-1].trigger, After) and trigger.step in steps and len(chain) <= len(steps):
            chain.append(steps[trigger.step])
        if step in chain[1:]:
            way = f", by way of `{chain[1].id}`" if chain[1] is not step else ""
            where[step.id].mistake(f"`{step.id}` never comes: it waits for itself{way}")


def _check_quiet_hours(keys: Keys, steps: Mapping[str, Step], quiet: QuietHours) -> None:
    for step in steps.values():
        for at in posting_times(step, steps):
            if at in quiet:
                keys["quiet_hours"].mistake(f"`{step.id}` posts at {at:%H:%M}, which is within the quiet hours")


def _check_budget(keys: Keys, steps: Mapping[str, Step], budget: int) -> None:
    promos = [step for step in steps.values() if step.is_promo]
    most = sum(len(step.trigger.times) for step in promos if isinstance(step.trigger, Times | CronTimes))
    if most > budget and (most := most_on_a_day(promos)) > budget:
        keys["promo_budget"].mistake(f"there are {most} promotions on a day, and the budget is {budget}")
