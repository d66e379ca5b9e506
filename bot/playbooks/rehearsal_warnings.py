"""What to look at before a rehearsed day happens."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time, timedelta
from itertools import pairwise
from typing import TypeVar

from bot.domain.groups import Group
from bot.domain.shortening import short_line
from bot.domain.slots import Calendar, QuietHours
from bot.playbooks.model import On, Playbook
from bot.playbooks.rehearsed import Acted, Posted, Rehearsed, Turn, Warned

NIGHT = QuietHours(time(0), time(7))
"""When nobody is awake, wherever a playbook names no quiet hours."""

T = TypeVar("T")


def warnings_of(found: Rehearsed, calendar: Calendar) -> list[Warned]:
    """Everything worth a look, what is wrong before what is only good to know."""
    told = [
        *_quiet(found),
        *_over_budget(found),
        *_asleep(found.acts),
        *_same_minute(found.posts),
        *_same_text(found.posts),
        *_failed(found),
        *_never(found),
        *_days(found, calendar),
    ]
    return sorted(told, key=lambda one: one.is_note)


def _gathered(many: Iterable[tuple[T, Group]]) -> dict[T, list[Group]]:
    """The groups of the same fact, each once, in order."""
    found: dict[T, dict[int, Group]] = {}
    for fact, group in many:
        found.setdefault(fact, {})[group.id] = group
    return {fact: list(groups.values()) for fact, groups in found.items()}


def _warned(kind: str, names: Sequence[str], many: Iterable[tuple[tuple[object, ...], Group]]) -> Iterator[Warned]:
    for fact, groups in _gathered(many).items():
        yield Warned(kind, dict(zip(names, fact, strict=True)), groups)


def _at(turn: Turn) -> str:
    return f"{turn.local:%H:%M}"


def _quiet(found: Rehearsed) -> Iterator[Warned]:
    """Posts within the quiet hours of their playbook, and such as the quiet hours have kept back."""
    posted = (posted.turn for posted in found.posts)
    inside = (
        ((turn.playbook.name, turn.step.id, _at(turn)), turn.group)
        for turn in posted
        if turn.playbook.quiet_hours and _clock(turn) in turn.playbook.quiet_hours
    )
    yield from _warned("quiet_hours", ("playbook", "step", "time"), inside)
    kept = (((one.playbook, one.step, one.slot[11:]), one.group) for one in found.not_posted if one.why == "quiet")
    yield from _warned("kept_by_quiet_hours", ("playbook", "step", "time"), kept)


def _clock(turn: Turn) -> time:
    return turn.local.time()


def _over_budget(found: Rehearsed) -> Iterator[Warned]:
    counts: dict[tuple[str, int, date, int], int] = {}
    groups = {group.id: group for group in found.groups}
    for posted in found.posts:
        budget = posted.turn.playbook.promo_budget
        if posted.is_promo and budget is not None:
            key = (posted.turn.playbook.name, budget, posted.turn.local.date(), posted.turn.group.id)
            counts[key] = counts.get(key, 0) + 1
    over = (
        ((name, budget, count, day.isoformat()), groups[group_id])
        for (name, budget, day, group_id), count in counts.items()
        if count > budget
    )
    yield from _warned("promo_budget", ("playbook", "budget", "promos", "day"), over)


def _asleep(acts: Sequence[Acted]) -> Iterator[Warned]:
    closing = (
        ((act.turn.playbook.name, act.turn.step.id, f"{act.closes_at.astimezone(act.turn.group.zone):%H:%M}"), act.turn)
        for act in acts
        if act.closes_at and _is_night(act)
    )
    yield from _warned("lottery_at_night", ("playbook", "step", "time"), ((fact, turn.group) for fact, turn in closing))


def _is_night(act: Acted) -> bool:
    assert act.closes_at is not None  # noqa: S101 - asked of such alone
    local = act.closes_at.astimezone(act.turn.group.zone).time()
    quiet = act.turn.playbook.quiet_hours
    return local in NIGHT or (quiet is not None and local in quiet)


def _same_minute(posts: Sequence[Posted]) -> Iterator[Warned]:
    """Two steps that meet: members see the second one only."""
    firsts = _first_of_steps(posts)
    meeting = (
        ((_name(one.turn), _name(other.turn), _at(one.turn)), one.turn.group)
        for one, other in pairwise(sorted(firsts, key=lambda posted: (posted.turn.group.id, posted.turn.at)))
        if one.turn.group.id == other.turn.group.id and _minute(one.turn) == _minute(other.turn)
    )
    yield from _warned("same_minute", ("step", "other", "time"), meeting)


def _first_of_steps(posts: Sequence[Posted]) -> list[Posted]:
    found: dict[tuple[int, str, str], Posted] = {}
    for posted in posts:
        turn = posted.turn
        found.setdefault((turn.group.id, _name(turn), turn.slot), posted)
    return list(found.values())


def _minute(turn: Turn) -> str:
    return f"{turn.at:%Y-%m-%dT%H:%M}"


def _name(turn: Turn) -> str:
    return f"{turn.playbook.name} / {turn.step.id}"


def _same_text(posts: Sequence[Posted]) -> Iterator[Warned]:
    times: dict[tuple[int, date, str], list[Posted]] = {}
    for posted in posts:
        if posted.post.text:
            times.setdefault((posted.turn.group.id, posted.turn.local.date(), posted.post.text), []).append(posted)
    twice = (
        ((_name(same[0].turn), " ".join(sorted({_at(posted.turn) for posted in same})), short_line(text, 40)), same[0])
        for (_, _, text), same in times.items()
        if len(same) > 1
    )
    yield from _warned("same_text", ("step", "times", "text"), ((fact, posted.turn.group) for fact, posted in twice))


def _failed(found: Rehearsed) -> Iterator[Warned]:
    failed = (((one.playbook, one.step, one.why), one.group) for one in found.not_posted if one.state == "failed")
    yield from _warned("failed", ("playbook", "step", "why"), failed)


def _never(found: Rehearsed) -> Iterator[Warned]:
    """Steps with a time of their own that did not come once."""
    turns = [*(posted.turn for posted in found.posts), *(act.turn for act in found.acts)]
    came = {(turn.playbook.name, turn.step.id) for turn in turns}
    why: dict[tuple[str, str], set[str]] = {}
    for one in found.not_posted:
        why.setdefault((one.playbook, one.step), set()).add(one.why or one.state)
    missing: dict[tuple[str, str], list[str]] = {}
    for playbook in found.playbooks:
        for step in playbook.steps:
            key = (playbook.name, step.id)
            if key not in came and not isinstance(step.trigger, On):
                missing.setdefault((playbook.name, ", ".join(sorted(why.get(key, ())))), []).append(step.id)
    for (name, reasons), steps in missing.items():  # without a reason it is a matter of days, or of other steps
        facts = {"playbook": name, "steps": ", ".join(steps), "why": reasons}
        yield Warned("never", facts, is_note=not reasons)


def _days(found: Rehearsed, calendar: Calendar) -> Iterator[Warned]:
    """Festivals and holidays that no playbook is about, and weekends on which people work."""
    named = frozenset[str]().union(*(playbook.days.festivals for playbook in found.playbooks))
    countries = sorted(_countries(found.playbooks))
    has_holidays = frozenset[str]().union(*(playbook.days.holidays for playbook in found.playbooks))
    for day in (found.first + timedelta(days=n) for n in range(found.days)):
        for festival in sorted(calendar.festivals(day) - named):
            yield Warned("festival", {"day": day.isoformat(), "festival": festival}, is_note=True)
        for country in countries:
            facts = {"day": day.isoformat(), "country": country}
            if calendar.is_holiday(country, day) and country not in has_holidays:
                yield Warned("holiday", facts, is_note=True)
            if day.weekday() > 4 and calendar.is_workday(country, day):
                yield Warned("workday", facts, is_note=True)


def _countries(playbooks: Sequence[Playbook]) -> set[str]:
    return {country for book in playbooks for country in book.days.workdays | book.days.holidays}


SAID: dict[str, tuple[str, str]] = {
    "quiet_hours": (
        "{playbook} / {step} posts at {time}, within its quiet hours",
        "{playbook} / {step} 会在 {time} 发布，正值免打扰时段",
    ),
    "kept_by_quiet_hours": (
        "{playbook} / {step} would come at {time}, but the quiet hours keep it back",
        "{playbook} / {step} 本应在 {time} 发布，因免打扰时段而不发",
    ),
    "promo_budget": (
        "{playbook} posts {promos} promotions on {day}; its budget is {budget}",
        "{playbook} 在 {day} 发布 {promos} 次推广，上限是 {budget} 次",
    ),
    "lottery_at_night": (
        "the lottery of {playbook} / {step} closes at {time}, when nobody is awake",
        "{playbook} / {step} 的抽奖在 {time} 截止，那时没有人醒着",
    ),
    "same_minute": (
        "{step} and {other} both come at {time}: members see only the later one",
        "{step} 与 {other} 都在 {time} 发布，成员只会看到后一条",
    ),
    "same_text": (
        "{step} says the same more than once a day ({times}): {text}",
        "{step} 一天内重复同样的内容（{times}）：{text}",
    ),
    "failed": ("{playbook} / {step} fails: {why}", "{playbook} / {step} 无法发布：{why}"),
    "never": ("{playbook}: nothing comes of {steps}{because}", "{playbook}：{steps} 在此期间没有发布{because}"),
    "bot_limit": (
        "{posts} posts at once ({times}): at {rate:g} a second the last one comes {late} s later",
        "同时有 {posts} 条（{times}）：每秒最多 {rate:g} 条，最后一条晚 {late} 秒发出",
    ),
    "group_limit": (
        "more posts than a group takes at once ({times}): the last one comes {late} s later",
        "超过一个群一次可发的条数（{times}）：最后一条晚 {late} 秒发出",
    ),
    "festival": ("{day} is {festival}; no playbook is about it", "{day} 是{festival}，没有剧本与它有关"),
    "holiday": (
        "{day} is a public holiday in {country}; no playbook is for it",
        "{day} 是 {country} 的法定假日，没有剧本为它准备",
    ),
    "workday": ("{day} is a weekend on which people work in {country}", "{day} 在 {country} 是调休上班日"),
    "sample_groups": (
        "There are no groups yet: {groups} sample groups of {members} members.",
        "还没有群：用 {groups} 个示例群，每群 {members} 名成员。",
    ),
    "nobody_acts": (
        "Nobody speaks, joins or checks in; every post is taken by Telegram.",
        "没有人发言、入群或签到；Telegram 接受每一条消息。",
    ),
    "libraries_anew": ("Libraries begin anew in every group.", "素材库在每个群都从头开始。"),
    "chance_as_it_will_be": (
        "Chance and A/B are as they will be: they follow from the group and the time alone.",
        "概率和 A/B 与实际一致：只由群和时间决定。",
    ),
}  # fmt: skip
"""What each kind of warning and assumption says, in English and in Chinese."""

_FESTIVALS = {
    "spring_festival_eve": ("the eve of Spring Festival", "除夕"),
    "spring_festival": ("Spring Festival", "春节"),
    "lantern": ("Lantern Festival", "元宵节"),
    "dragon_boat": ("Dragon Boat Festival", "端午节"),
    "qixi": ("Qixi", "七夕"),
    "ghost": ("Ghost Festival", "中元节"),
    "mid_autumn": ("Mid-Autumn Festival", "中秋节"),
    "double_ninth": ("Double Ninth", "重阳节"),
    "laba": ("Laba", "腊八节"),
}


def said(warned: Warned, language: int = 0) -> str:
    """A warning, or an assumption, in words: 0 in English, 1 in Chinese.

    In which groups comes last, where it is not all the same.
    """
    facts = dict(warned.facts)
    if "festival" in facts:
        facts["festival"] = _FESTIVALS[str(facts["festival"])][language]
    facts["because"] = f" ({facts['why']})" if facts.get("why") else ""
    sentence = SAID[warned.kind][language].format(**facts)
    return sentence + _where(warned.groups)[language]


def _where(groups: Sequence[Group]) -> tuple[str, str]:
    if not groups:
        return "", ""
    if len(groups) == 1:
        return f" (in {groups[0].title})", f"（{groups[0].title}）"
    return f" (in {len(groups)} groups)", f"（{len(groups)} 个群）"
