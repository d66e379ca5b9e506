"""A playbook in words: when its steps come, on which conditions, and what they do."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from bot.domain.groups import Group
from bot.domain.shortening import short_line
from bot.domain.slots import CronTimes, Days, QuietHours, Times, instant_of
from bot.playbooks.event_words import event_words
from bot.playbooks.model import (
    After,
    Audience,
    Award,
    Call,
    CheckinReminder,
    Condition,
    On,
    OpenLottery,
    Playbook,
    PluginAction,
    Poll,
    Send,
    ShowLeaderboard,
    Step,
    Template,
    Trigger,
    Wait,
)
from bot.playbooks.reading_times import spelled
from bot.texts import Say

_PREVIEW = 50
_MOST_TIMES = 12
_MOST = 10**9


def heading(say: Say, playbook: Playbook) -> list[Markup]:
    """The lines above the steps: what it is, for whom, and on which days."""
    lines = [say("playbook.title", name=playbook.name)]
    if playbook.description:
        lines.append(say("playbook.description", text=short_line(playbook.description, 300)))
    audience = _audience(say, playbook.audience)
    if audience:
        lines.append(audience)
    if days := _days(say, playbook.days):
        lines.append(say("playbook.days", days=days))
    if playbook.quiet_hours:
        lines.append(say("playbook.quiet", hours=_hours(playbook.quiet_hours)))
    if playbook.promo_budget is not None:
        lines.append(say("playbook.budget", n=playbook.promo_budget))
    return lines


def step_line(say: Say, group: Group, playbook: Playbook, step: Step, now: datetime) -> Markup:
    """A step: when it comes, on which conditions, what it does, and what if it was missed."""
    when = trigger_words(say, group, playbook, step.trigger, now)
    if days := _days(say, step.days):
        when = say("playbook.cron", times=when, days=days)
    lines = [say("playbook.step", id=step.id, when=when)]
    if step.conditions:
        lines.append(say("playbook.only_if", conditions=conditions(say, step)))
    lines += [say("playbook.does", action=_ACTIONS[type(action)](say, action)) for action in step.actions]
    if step.if_missed.kind != "skip":
        grace = spelled(step.if_missed.grace)
        lines.append(say(f"playbook.if_missed.{step.if_missed.kind}", grace=grace))
    return Markup("\n").join(lines)


def _audience(say: Say, audience: Audience) -> Markup | None:
    who = [*sorted(audience.names), *(f"#{tag}" for tag in sorted(audience.tags))]
    return say("playbook.audience", who=", ".join(who)) if who else None


def _days(say: Say, days: Days) -> str:
    words = [str(say(f"playbook.weekday.{number}")) for number in sorted(days.weekdays)]
    words += [str(say("playbook.workdays", country=country)) for country in sorted(days.workdays)]
    words += [str(say("playbook.holidays", country=country)) for country in sorted(days.holidays)]
    words += [str(say(f"playbook.festival.{name}")) for name in sorted(days.festivals)]
    words += [_span(*span) for span in days.ranges]
    without = [_span(*span) for span in days.never]
    if without:
        words.append(str(say("playbook.except", days=", ".join(without[:5]))))
    if days.first or days.last:
        words.append(_span(days.first or "", days.last or ""))
    return ", ".join(words)


def _span(first: object, last: object) -> str:
    return str(first) if first == last else f"{first} … {last}".strip()


def _hours(hours: QuietHours) -> str:
    return f"{hours.start:%H:%M}-{hours.end:%H:%M}"


def conditions(say: Say, step: Step) -> Markup:
    """On which conditions a step comes."""
    return Markup(", ").join(_condition(say, condition) for condition in step.conditions)


def trigger_words(say: Say, group: Group, playbook: Playbook, trigger: Trigger, now: datetime) -> Markup:
    """What sets a step off."""
    match trigger:
        case Times():
            return Markup("{}").format(_times(group, playbook, trigger, now))
        case CronTimes():
            return _cron(say, _times(group, playbook, trigger, now), trigger)
        case After():
            return say("playbook.after", delay=spelled(trigger.delay), step=trigger.step)
        case On():
            return event_words(say, trigger)


def _times(group: Group, playbook: Playbook, trigger: Times | CronTimes, now: datetime) -> str:
    """The times of day, as clocks in the group show them today."""
    zone = playbook.zone_in(group)
    today = now.astimezone(zone).date()
    shown = [
        instant_of(datetime.combine(today, at), zone).astimezone(group.zone).strftime("%H:%M") for at in trigger.times
    ]
    return ", ".join(shown[:_MOST_TIMES]) + (", …" if len(shown) > _MOST_TIMES else "")


def _cron(say: Say, times: str, cron: CronTimes) -> Markup:
    days = []
    if len(cron.weekdays) < 7:
        days += [str(say(f"playbook.weekday.{number}")) for number in sorted(cron.weekdays)]
    if len(cron.days) < 31:
        days.append(str(say("playbook.cron_days", days=", ".join(map(str, sorted(cron.days))))))
    if len(cron.months) < 12:
        days.append(str(say("playbook.cron_months", months=", ".join(map(str, sorted(cron.months))))))
    return say("playbook.cron", times=times, days=", ".join(days)) if days else Markup("{}").format(times)


def _condition(say: Say, condition: Condition) -> Markup:
    value = condition.value
    match condition.kind:
        case "silent_for" | "active_within":
            value = spelled(value)
        case "messages_since_post" | "members" | "promos_today":
            value = _bounds(*value)
        case "tag":
            value = ", ".join(sorted(value))
        case "weekday":
            value = ", ".join(str(say(f"playbook.weekday.{number}")) for number in sorted(value))
    return say(f"playbook.if.{condition.kind}", value=value)


def _bounds(least: int, under: int) -> str:
    if under >= _MOST:
        return f"≥ {least}"
    return f"< {under}" if not least else f"{least}–{under - 1}"


def _send(say: Say, send: Send) -> Markup:
    extras = [name for name in ("promo", "pin", "silent", "replaces") if getattr(send, name)]
    if send.library is not None:
        said = say(f"playbook.do.library.{send.library.pick}", file=send.library.path.name)
    elif send.texts:
        more = f" (+{len(send.texts) - 1})" if len(send.texts) > 1 else ""
        said = say("playbook.do.send", text=_preview(send.texts[0]) + more)
    else:
        said = say("playbook.do.media")
    if send.media:
        extras.insert(0, "album" if len(send.media) > 1 else send.media[0].kind)
    words = ", ".join(str(say(f"playbook.with.{extra}")) for extra in extras)
    return say("playbook.do.extras", said=said, extras=words) if words else said


def _poll(say: Say, poll: Poll) -> Markup:
    kind = "poll" if poll.correct is None else "quiz"
    return say(f"playbook.do.{kind}", question=_preview(poll.question))


def _award(say: Say, award: Award) -> Markup:
    return say(f"playbook.do.award.{award.to}", n=award.points)


_ACTIONS: Mapping[type, Callable[[Say, Any], Markup]] = {
    Send: _send,
    Poll: _poll,
    Wait: lambda say, wait: say("playbook.do.wait", duration=spelled(wait.duration)),
    CheckinReminder: lambda say, _: say("playbook.do.checkin_reminder"),
    OpenLottery: lambda say, lottery: say("playbook.do.open_lottery", terms=short_line(lottery.terms, 80)),
    Award: _award,
    ShowLeaderboard: lambda say, _: say("playbook.do.leaderboard"),
    Call: lambda say, call: say("playbook.do.call", host=urlsplit(call.url).hostname or ""),
    PluginAction: lambda say, plugin: say("playbook.do.plugin", name=plugin.name),
}


def _preview(text: Template) -> str:
    return short_line(text.source, _PREVIEW)
