"""What the operators of a group set: how it is written, read and checked."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cache
from typing import Any, Literal
from zoneinfo import available_timezones

from bot.domain.admissions import JoinRequests
from bot.domain.advertisers import parse_patterns
from bot.domain.captchas import Kind, Question, parse_question
from bot.domain.checkins import CheckInRules, Extras, MakeUps, Rewards
from bot.domain.introductions import IntroductionRules, words_of
from bot.domain.invites import InviteRules
from bot.domain.locales import LOCALES
from bot.domain.moderation import Rules, Step, parse_allowed, parse_ladder, parse_pace
from bot.domain.numbers import whole_number
from bot.domain.playbook_reports import parse_report_time
from bot.domain.playbooks import parse_quiet_hours
from bot.domain.refusals import Refusal
from bot.domain.slots import QuietHours


class UnknownSetting(Refusal):
    """No setting is called so."""

    text = "settings.unknown"


class WrongSetting(Refusal):
    """The setting does not take this value."""

    text = "settings.wrong"


@dataclass(frozen=True, slots=True)
class _Whole:
    """Reads a whole number of a range."""

    least: int
    most: int

    def __call__(self, text: str) -> int:
        number = whole_number(text, 9)
        if number is None or not self.least <= number <= self.most:
            raise ValueError(text)
        return number


@dataclass(frozen=True, slots=True)
class Option:
    """One thing an operator can set, spelled as text: how it is read, what it is at first, what the panel offers.

    `example` shows a right value where the choices do not.
    """

    parse: Callable[[str], Any]
    default: str
    choices: tuple[str, ...] = ()
    example: str = ""

    @property
    def span(self) -> str:
        """The least and the most of a number, to be read behind an example."""
        return f" ({self.parse.least}–{self.parse.most})" if isinstance(self.parse, _Whole) else ""


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        by_folded = {word.casefold(): word for word in words}
        if text.casefold() not in by_folded:
            raise ValueError(text)
        return by_folded[text.casefold()]

    return parse


def _on(text: str) -> bool:
    return _one_of("on", "off")(text) == "on"


def _zone(text: str) -> str:
    zones = _zones_by_folded_name()
    if text.casefold() not in zones:
        raise ValueError(text)
    return zones[text.casefold()]


@cache
def _zones_by_folded_name() -> Mapping[str, str]:
    """All zones of the machine; looking for them takes milliseconds."""
    return {zone.casefold(): zone for zone in available_timezones()}


def _tiers(text: str) -> tuple[tuple[int, int], ...]:
    pairs = [word.partition(":") for word in text.split()] if text.casefold() != "none" else []
    tiers = tuple((_Whole(2, 3650)(day), _Whole(1, 100_000)(bonus)) for day, _, bonus in pairs)
    days = [day for day, _ in tiers]
    if not text or days != sorted(set(days)) or len(days) > 12:
        raise ValueError(text)
    return tiers


def _spelled(parse: Callable[[str], object]) -> Callable[[str], str]:
    """For what is kept as it is written, and read where it is used."""

    def check(text: str) -> str:
        parse(text)
        return text.casefold()

    return check


_BETWEEN_TAGS = re.compile(r"[,，、;；#]")
"""What people write around tags, and mean no part of them by."""


def _tags(text: str) -> tuple[str, ...]:
    if text.casefold() == "none":
        return ()
    tags = tuple(dict.fromkeys(_BETWEEN_TAGS.sub(" ", text.casefold()).split()))
    if not 1 <= len(tags) <= 20 or any(len(tag) > 32 for tag in tags):
        raise ValueError(text)
    return tags


def _topics(text: str) -> tuple[int, ...]:
    if not text:
        raise ValueError(text)
    return tuple(_Whole(1, 999_999_999)(word) for word in text.split()) if text.casefold() != "all" else ()


_SWITCH = ("on", "off")

OPTIONS: Mapping[str, Option] = {
    "language": Option(_one_of(*LOCALES), "en", LOCALES),
    "timezone": Option(
        _zone,
        "UTC",
        ("Asia/Shanghai", "Asia/Singapore", "Asia/Tokyo", "Europe/London", "Europe/Berlin", "America/New_York", "UTC"),
        "Asia/Shanghai",
    ),
    "day_starts_at": Option(_Whole(0, 23), "0", ("0", "2", "4", "6"), "4"),
    "checkin": Option(_on, "on", _SWITCH),
    "leaderboard": Option(_on, "on", _SWITCH),
    "checkin_points": Option(_Whole(0, 10_000), "10", ("5", "10", "20", "50"), "10"),
    "checkin_tiers": Option(
        _tiers, "3:10 7:30 14:60 30:150", ("3:10 7:30 14:60 30:150", "7:50 30:300", "none"), "7:50 30:300"
    ),
    "checkin_cap": Option(_Whole(0, 1_000_000), "200", ("100", "200", "500"), "200"),
    "checkin_after_last": Option(_one_of("cycle", "continue"), "cycle", ("cycle", "continue")),
    "checkin_reply": Option(_one_of("message", "reaction", "merged"), "message", ("message", "reaction", "merged")),
    "checkin_reply_lifetime": Option(_Whole(0, 86_400), "0", ("0", "30", "300", "3600"), "300"),
    "first_bonus": Option(_Whole(0, 10_000), "0", ("0", "5", "10"), "5"),
    "lucky_bonus": Option(_Whole(0, 10_000), "0", ("0", "5", "20"), "20"),
    "lucky_odds": Option(_Whole(1, 10_000), "10", ("5", "10", "50"), "10"),
    "bonus_budget": Option(_Whole(0, 1_000_000), "100", ("50", "100", "500"), "100"),
    "makeup_days": Option(_Whole(0, 60), "7", ("0", "3", "7", "14"), "7"),
    "makeup_monthly": Option(_Whole(0, 31), "3", ("1", "3", "5"), "3"),
    "makeup_cost": Option(_Whole(0, 1_000_000), "50", ("0", "20", "50", "100"), "50"),
    "makeup_pays": Option(_on, "off", _SWITCH),
    "freeze_cost": Option(_Whole(0, 1_000_000), "100", ("50", "100", "200"), "100"),
    "freeze_limit": Option(_Whole(0, 30), "2", ("0", "1", "2", "5"), "2"),
    "keep_points": Option(_on, "on", _SWITCH),
    "faq": Option(_on, "on", _SWITCH),
    "faq_cooldown": Option(_Whole(0, 86_400), "60", ("0", "30", "60", "600"), "600"),
    "faq_member_cooldown": Option(_Whole(0, 3_600), "5", ("0", "5", "30", "60"), "30"),
    "links": Option(_one_of("off", "invites", "all"), "off", ("off", "invites", "all")),
    "links_allowed": Option(_spelled(parse_allowed), "none", ("none",), "example.com @hearth_news"),
    "links_days": Option(_Whole(0, 365), "0", ("0", "1", "3", "7"), "3"),
    "forwards": Option(_one_of("off", "channels", "all"), "off", ("off", "channels", "all")),
    "flood": Option(_spelled(parse_pace), "off", ("off", "5/5", "8/10", "20/60"), "8/10"),
    "repeats": Option(_spelled(parse_pace), "off", ("off", "3/60", "3/600"), "3/60"),
    "ladder": Option(
        _spelled(parse_ladder),
        "warn mute:1h kick",
        ("warn", "warn mute:1h kick", "warn warn mute:1h mute:1d kick", "delete warn mute:1h ban"),
        "warn warn mute:1h kick",
    ),
    "offence_days": Option(_Whole(1, 365), "30", ("1", "7", "30", "90"), "7"),
    "trusted_days": Option(_Whole(0, 365), "0", ("0", "7", "30", "90"), "30"),
    "warning_lifetime": Option(_Whole(0, 86_400), "60", ("0", "30", "60", "300"), "300"),
    "invite_points": Option(_Whole(0, 10_000), "0", ("0", "10", "50"), "10"),
    "join_points": Option(_Whole(0, 10_000), "0", ("0", "10", "50"), "10"),
    "invite_days": Option(_Whole(0, 30), "1", ("0", "1", "3", "7"), "3"),
    "invite_needs": Option(
        _one_of("nothing", "speaking", "checkin"), "speaking", ("nothing", "speaking", "checkin"), "checkin"
    ),
    "invite_daily_cap": Option(_Whole(0, 1_000), "10", ("0", "5", "10", "50"), "5"),
    "introductions": Option(_on, "off", _SWITCH),
    "intro_words": Option(words_of, "#自我介绍 #自我介紹 #intro", ("#自我介绍 #自我介紹 #intro",), "#hello #你好"),
    "intro_topic": Option(_Whole(0, 999_999_999), "0", ("0",), "42"),
    "intro_length": Option(_Whole(1, 1_000), "20", ("10", "20", "50"), "10"),
    "intro_points": Option(_Whole(0, 10_000), "10", ("0", "10", "50"), "20"),
    "intro_reminder": Option(_on, "on", _SWITCH),
    "captcha": Option(
        _one_of("off", "button", "sum", "question"), "off", ("off", "button", "sum", "question"), "button"
    ),
    "captcha_question": Option(parse_question, "none", ("none",), "Our bread is made of? = Rye | Sand | Snow"),
    "captcha_seconds": Option(_Whole(30, 3_600), "120", ("60", "120", "300", "600"), "120"),
    "captcha_late": Option(_one_of("kick", "mute"), "kick", ("kick", "mute"), "mute"),
    "captcha_tries": Option(_Whole(1, 10), "3", ("1", "3", "5"), "3"),
    "captcha_added": Option(_on, "off", _SWITCH),
    "rules_agree": Option(_on, "off", _SWITCH),
    "join_requests": Option(
        _one_of("off", "approve", "captcha", "operators"), "off", ("off", "approve", "captcha", "operators"), "captcha"
    ),
    "name_check": Option(_on, "off", _SWITCH),
    "name_patterns": Option(parse_patterns, "none", ("none",), "casino | 代购"),
    "welcome": Option(_on, "off", _SWITCH),
    "welcome_window": Option(_Whole(3, 15), "5", ("3", "5", "10", "15"), "10"),
    "welcome_mentions": Option(_Whole(1, 10), "5", ("1", "3", "5", "10"), "3"),
    "welcome_lifetime": Option(_Whole(0, 86_400), "0", ("0", "60", "300", "3600"), "300"),
    "welcome_added": Option(_on, "on", _SWITCH),
    "welcome_checkin": Option(_on, "on", _SWITCH),
    "welcome_backlog": Option(_Whole(1, 1_440), "5", ("1", "5", "15", "60"), "15"),
    "raid_joins": Option(_Whole(0, 10_000), "20", ("0", "10", "20", "50"), "30"),
    "raid_lock": Option(_on, "off", _SWITCH),
    "delete_service_messages": Option(_on, "off", _SWITCH),
    "faq_operators_wait": Option(_on, "on", _SWITCH),
    "faq_suggestions": Option(_on, "on", _SWITCH),
    "faq_topics": Option(_topics, "all", ("all",), "12 34"),
    "faq_memory": Option(_on, "on", _SWITCH),
    "tags": Option(_tags, "none", ("none",), "fashion vip"),
    "quiet_hours": Option(
        _spelled(parse_quiet_hours), "off", ("off", "22:00-08:00", "23:00-08:00", "00:00-07:00"), "23:00-08:00"
    ),
    "playbook_report": Option(_spelled(parse_report_time), "21:30", ("off", "20:00", "21:30", "22:30"), "22:00"),
}
"""Every setting of a group, in the order in which the panel shows them."""


@dataclass(frozen=True, slots=True)
class GroupSettings:
    """The values of `OPTIONS` for a group; lifetimes are seconds, 0 is "never deleted"."""

    language: str
    timezone: str
    day_starts_at: int
    checkin: bool
    leaderboard: bool
    checkin_points: int
    checkin_tiers: tuple[tuple[int, int], ...]
    checkin_cap: int
    checkin_after_last: Literal["cycle", "continue"]
    checkin_reply: Literal["message", "reaction", "merged"]
    checkin_reply_lifetime: int
    first_bonus: int
    lucky_bonus: int
    lucky_odds: int
    bonus_budget: int
    makeup_days: int
    makeup_monthly: int
    makeup_cost: int
    makeup_pays: bool
    freeze_cost: int
    freeze_limit: int
    keep_points: bool
    faq: bool
    faq_cooldown: int
    faq_member_cooldown: int
    links: Literal["off", "invites", "all"]
    links_allowed: str
    links_days: int
    forwards: Literal["off", "channels", "all"]
    flood: str
    repeats: str
    ladder: str
    offence_days: int
    trusted_days: int
    warning_lifetime: int
    invite_points: int
    join_points: int
    invite_days: int
    invite_needs: Literal["nothing", "speaking", "checkin"]
    invite_daily_cap: int
    introductions: bool
    intro_words: str
    intro_topic: int
    intro_length: int
    intro_points: int
    intro_reminder: bool
    captcha: Kind | Literal["off"]
    captcha_question: Question | None
    captcha_seconds: int
    captcha_late: Literal["kick", "mute"]
    captcha_tries: int
    captcha_added: bool
    rules_agree: bool
    join_requests: JoinRequests
    name_check: bool
    name_patterns: tuple[str, ...]
    welcome: bool
    welcome_window: int
    welcome_mentions: int
    welcome_lifetime: int
    welcome_added: bool
    welcome_checkin: bool
    welcome_backlog: int
    raid_joins: int
    raid_lock: bool
    delete_service_messages: bool
    faq_operators_wait: bool
    faq_suggestions: bool
    faq_topics: tuple[int, ...]
    faq_memory: bool
    tags: tuple[str, ...]
    quiet_hours: str
    playbook_report: str

    @property
    def moderation(self) -> Rules:
        """The same settings as the rules for messages."""
        return Rules(
            self.links,
            parse_allowed(self.links_allowed),
            self.forwards,
            parse_pace(self.flood),
            parse_pace(self.repeats),
        )

    @property
    def quiet(self) -> QuietHours | None:
        """The hours in which no playbook posts."""
        return parse_quiet_hours(self.quiet_hours)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What the first offence costs, the second, and so on."""
        return parse_ladder(self.ladder)

    @property
    def invite_rules(self) -> InviteRules:
        """The same settings as the rules of invites."""
        return InviteRules(self.invite_days, self.invite_needs, self.invite_points, self.invite_daily_cap)

    @property
    def introduction_rules(self) -> IntroductionRules:
        """The same settings as the rules of introductions."""
        return IntroductionRules(tuple(self.intro_words.split()), self.intro_topic, self.intro_length)

    @property
    def checkin_rules(self) -> CheckInRules:
        """The same settings as the check-in's rules."""
        return CheckInRules(
            rewards=Rewards(self.checkin_points, self.checkin_tiers, self.checkin_cap, self.checkin_after_last),
            extras=Extras(self.first_bonus, self.lucky_bonus, self.lucky_odds, self.bonus_budget),
            make_ups=MakeUps(self.makeup_days, self.makeup_monthly, self.makeup_cost, self.makeup_pays),
            freeze_cost=self.freeze_cost,
            freeze_limit=self.freeze_limit,
        )

    def text_of(self, key: str) -> str:
        """The text of a setting as it applies now."""
        match getattr(self, key):
            case bool() as is_on:
                return "on" if is_on else "off"
            case () if key == "faq_topics":
                return "all"
            case () | None:
                return "none"
            case (str(), *_) as words:
                return (" " if key == "tags" else " | ").join(words)
            case (int(), *_) as numbers:
                return " ".join(map(str, numbers))
            case tuple() as tiers:
                return " ".join(f"{day}:{bonus}" for day, bonus in tiers)
            case value:
                return str(value)


def nearest_settings(key: str) -> str:
    """The settings that may be meant; some, where none is called nearly so."""
    return ", ".join(get_close_matches(key.casefold(), OPTIONS, n=3, cutoff=0.5) or list(OPTIONS)[:3])


def check_setting(key: str, text: str) -> str:
    """The text as it is stored. Raises `UnknownSetting` and `WrongSetting`, which shows a right value."""
    if key not in OPTIONS:
        raise UnknownSetting(key=key[:40], keys=nearest_settings(key))
    option = OPTIONS[key]
    text = " ".join(text.split())
    try:
        value = option.parse(text)
    except ValueError:
        example = option.example or " | ".join(option.choices)
        raise WrongSetting(key=key, value=text[:60], example=example, span=option.span) from None
    if isinstance(value, str):
        return value
    return text.casefold() if isinstance(value, int) or not value else text


def settings_from(stored: Mapping[str, str], defaults: Mapping[str, str]) -> GroupSettings:
    """The settings as they apply: what was stored, else the installation's default, else the option's own.

    A stored value that is no longer valid counts as not stored.
    """
    return GroupSettings(**{f.name: _value(f.name, stored, defaults) for f in fields(GroupSettings)})


def _value(key: str, stored: Mapping[str, str], defaults: Mapping[str, str]) -> Any:
    option = OPTIONS[key]
    for source in (stored, defaults):
        if key in source:
            try:
                return option.parse(source[key])
            except ValueError:
                continue
    return option.parse(option.default)
