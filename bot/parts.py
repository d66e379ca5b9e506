"""What the bot is made of: every part, and what each of them needs."""

import time
from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from typing import Any

from aiogram import Bot

from bot.domain.commands import fold
from bot.metrics import Metrics
from bot.playbooks.calendars import Holidays
from bot.playbooks.faq import FaqFiles
from bot.playbooks.lottery_terms import wrong_terms
from bot.playbooks.playbook_files import PlaybookReader
from bot.playbooks.plugins import load_plugins
from bot.playbooks.reading_actions import Plugin
from bot.playbooks.timetable import Timetable
from bot.services.activity import ActivityService
from bot.services.admissions import AdmissionService
from bot.services.awards import AwardService
from bot.services.beacons import Drand
from bot.services.changes import ChangeService
from bot.services.checkins import CheckInService
from bot.services.clock import Clock
from bot.services.deletions import DeletionService
from bot.services.deliveries import DeliveryService
from bot.services.facts import FactService
from bot.services.faq import FaqService
from bot.services.faq_memory import FaqMemory
from bot.services.faq_missed import MissedService
from bot.services.faq_own import OwnFaqService
from bot.services.groups import GroupService
from bot.services.hand_overs import HandOverService
from bot.services.happenings import Happenings
from bot.services.introductions import IntroductionService
from bot.services.invites import InviteService
from bot.services.joins import JoinService
from bot.services.leaderboards import LeaderboardService
from bot.services.lotteries import LotteryService
from bot.services.lotteries_reviews import LotteryReviews
from bot.services.members import MemberService
from bot.services.moderation import ModerationService
from bot.services.moderation_lists import ModerationLists
from bot.services.moderation_watch import ModerationWatch
from bot.services.outbox import OutboxService
from bot.services.pictures import PictureService
from bot.services.playbook_questions import PlaybookQuestionService
from bot.services.playbook_reports import PlaybookReportService
from bot.services.playbooks import PlaybookService
from bot.services.points import PointsService
from bot.services.updates import UpdateService
from bot.services.welcomes import WelcomeService
from bot.settings import Settings
from bot.texts import Texts, load_texts
from handlers.admissions_door import Door
from handlers.admissions_sheets import RULES
from handlers.admissions_timer import Doorkeeper
from handlers.arrivals import Arrivals
from handlers.checkins import CHECK_IN_BUTTON
from handlers.dispatching import COMMANDS
from handlers.faq_answers import FaqAnswers
from handlers.gate import Gate
from handlers.greeting import Greeter
from handlers.hand_overs import HandOverTimer
from handlers.introductions_timer import IntroductionTimer
from handlers.invites_links import InviteLinks
from handlers.leaderboards import LEADERBOARD_BUTTON
from handlers.lotteries_entering import Entrance
from handlers.lotteries_opening import LotteryOpening
from handlers.lotteries_timer import LotteryTimer
from handlers.merging import MergedReplies
from handlers.moderation_enforcing import Enforcement
from handlers.operators import Operators
from handlers.outbox import Outbox
from handlers.playbook_notices import PlaybookNotices
from handlers.playbook_questions import PlaybookQuestions
from handlers.playbook_reports import PlaybookReporter
from handlers.points import POINTS_BUTTON
from handlers.presence import Presence
from handlers.raids import Raids
from handlers.roster import Roster
from handlers.sending import posting
from handlers.vanishing import Vanishing
from scheduler.actions import Actions
from scheduler.effects import Effects
from scheduler.faq import FaqReload
from scheduler.judging import Judge
from scheduler.lanes import EmbeddedLanes
from scheduler.pace import Limits, Pace
from scheduler.playbook_files import PlaybookReload
from scheduler.playbooks import PlaybookRunner, Running
from scheduler.posting import TelegramPoster
from scheduler.values import GroupValues
from storage.database import Database

PRESSES = {"checkin": CHECK_IN_BUTTON, "rules": RULES, "leaderboard": LEADERBOARD_BUTTON, "points": POINTS_BUTTON}
"""What a playbook's buttons send back, by the names that playbooks call them."""


class Parts:
    """Each part is made when it is first asked for. Handlers get them by the names of their parameters."""

    def __init__(self, settings: Settings, database: Database, bot: Bot, clock: Clock) -> None:
        self.settings = settings
        self.database = database
        self.bot = bot
        self.clock = clock

    def by_name(self) -> Mapping[str, Any]:
        """All parts, by their names."""
        names = [name for name, member in vars(Parts).items() if isinstance(member, cached_property)]
        return {name: getattr(self, name) for name in names}

    @cached_property
    def metrics(self) -> Metrics:
        return Metrics()

    @cached_property
    def texts(self) -> Texts:
        return load_texts()

    @cached_property
    def groups(self) -> GroupService:
        defaults = {"language": self.settings.locale, "timezone": self.settings.timezone}
        groups = GroupService(self.database, self.clock, defaults)
        groups.followers.append(self.watch.follow)
        return groups

    @cached_property
    def members(self) -> MemberService:
        return MemberService(self.database)

    @cached_property
    def activity(self) -> ActivityService:
        return ActivityService(self.database, self.groups, self.happenings)

    @cached_property
    def updates(self) -> UpdateService:
        return UpdateService(self.database, self.clock, self.bot.id)

    @cached_property
    def changes(self) -> ChangeService:
        return ChangeService(self.database, self.groups, self.faq, self.moderation_lists, self.clock)

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self.bot, OutboxService(self.database, self.clock))

    @cached_property
    def vanishing(self) -> Vanishing:
        return Vanishing(self.bot, DeletionService(self.database, self.clock))

    @cached_property
    def merged(self) -> MergedReplies:
        return MergedReplies(self.vanishing)

    @cached_property
    def operators(self) -> Operators:
        return Operators(self.bot, self.clock, self.settings.owner_ids)

    @cached_property
    def roster(self) -> Roster:
        return Roster(self.operators, self.members)

    @cached_property
    def presence(self) -> Presence:
        return Presence(self.bot, self.clock)

    @cached_property
    def pictures(self) -> PictureService:
        return PictureService(self.database, self.bot.id, self.settings.playbooks_dir)

    @cached_property
    def checkins(self) -> CheckInService:
        return CheckInService(self.database, self.happenings)

    @cached_property
    def points(self) -> PointsService:
        return PointsService(self.database, self.clock)

    @cached_property
    def leaderboards(self) -> LeaderboardService:
        return LeaderboardService(self.database)

    @cached_property
    def lotteries(self) -> LotteryService:
        return LotteryService(self.database, self.clock, Drand(self.settings.drand_servers))

    @cached_property
    def lottery_reviews(self) -> LotteryReviews:
        return LotteryReviews(self.database)

    @cached_property
    def lottery_timer(self) -> LotteryTimer:
        return LotteryTimer(
            self.bot, self.lotteries, self.groups, self.texts, self.outbox, self.gate, self.presence, self.roster
        )

    @cached_property
    def lottery_opening(self) -> LotteryOpening:
        return LotteryOpening(
            self.lotteries, self.lottery_timer, self.presence, self.outbox, self.texts, frozenset(_keywords())
        )

    @cached_property
    def entrance(self) -> Entrance:
        return Entrance(self.lotteries, self.presence, self.activity, self.operators)

    @cached_property
    def joins(self) -> JoinService:
        return JoinService(self.database, self.clock)

    @cached_property
    def welcomes(self) -> WelcomeService:
        return WelcomeService(self.database, self.groups, self.clock)

    @cached_property
    def greeter(self) -> Greeter:
        return Greeter(self.bot, self.welcomes, self.joins, self.texts)

    @cached_property
    def raids(self) -> Raids:
        return Raids(self.joins, self.groups, self.outbox.posts, self.texts, self.settings.owner_ids)

    @cached_property
    def admissions(self) -> AdmissionService:
        return AdmissionService(self.database, self.clock)

    @cached_property
    def door(self) -> Door:
        return Door(
            self.bot, self.admissions, self.operators, self.texts, self.outbox, self.vanishing, self.moderation,
            self.clock,
        )  # fmt: skip

    @cached_property
    def arrivals(self) -> Arrivals:
        return Arrivals(self.door, self.greeter, self.raids, self.operators, self.happenings, self.joins)

    @cached_property
    def doorkeeper(self) -> Doorkeeper:
        return Doorkeeper(self.door, self.admissions, self.groups, self.joins, self.arrivals)

    @cached_property
    def invites(self) -> InviteService:
        return InviteService(self.database, self.groups, self.clock)

    @cached_property
    def invite_links(self) -> InviteLinks:
        return InviteLinks(self.bot, self.invites)

    @cached_property
    def introductions(self) -> IntroductionService:
        return IntroductionService(self.database, self.groups, self.clock)

    @cached_property
    def introduction_timer(self) -> IntroductionTimer:
        return IntroductionTimer(self.introductions, self.texts, self.outbox)

    @cached_property
    def watch(self) -> ModerationWatch:
        return ModerationWatch(self.clock)

    @cached_property
    def moderation(self) -> ModerationService:
        return ModerationService(self.database, self.clock)

    @cached_property
    def moderation_lists(self) -> ModerationLists:
        return ModerationLists(self.database, self.groups, self.watch, self.clock)

    @cached_property
    def enforcement(self) -> Enforcement:
        deletions = self.vanishing.deletions
        return Enforcement(self.bot, self.clock, self.moderation, deletions, self.vanishing, self.outbox, self.texts)

    @cached_property
    def faq(self) -> FaqService:
        return FaqService(self.database, self.groups)

    @cached_property
    def own_faq(self) -> OwnFaqService:
        return OwnFaqService(self.database, self.faq, self.clock)

    @cached_property
    def missed(self) -> MissedService:
        return MissedService(self.database, self.faq, self.clock)

    @cached_property
    def faq_memory(self) -> FaqMemory:
        return FaqMemory(self.database, self.faq, self.clock)

    @cached_property
    def faq_answers(self) -> FaqAnswers:
        return FaqAnswers(
            self.bot, self.pictures, self.vanishing, self.hand_overs, self.operators, self.outbox, self.texts
        )

    @cached_property
    def faq_reload(self) -> FaqReload:
        return FaqReload(FaqFiles(self.settings.playbooks_dir), self.faq)

    @cached_property
    def hand_overs(self) -> HandOverService:
        return HandOverService(self.database, self.clock, self.settings.owner_ids)

    @cached_property
    def hand_over_timer(self) -> HandOverTimer:
        return HandOverTimer(self.hand_overs, self.groups, self.operators, self.texts, self.outbox)

    @cached_property
    def deliveries(self) -> DeliveryService:
        return DeliveryService(self.database, self.clock, self.settings.timezone, self.pace.limits.per_second)

    @cached_property
    def pace(self) -> Pace:
        settings = self.settings
        limits = Limits(settings.send_per_second, settings.send_per_group_second, settings.send_per_group_minute)
        return Pace(limits, time.monotonic)

    @cached_property
    def happenings(self) -> Happenings:
        happenings = Happenings(self.database, self.groups, self.clock)
        happenings.listening = lambda: self.playbook_runner.running.timetable.listeners
        happenings.wake = lambda group_id: self.playbook_runner.lanes.wake(group_id)
        return happenings

    @cached_property
    def action_plugins(self) -> Mapping[str, Plugin]:
        return load_plugins()

    @cached_property
    def playbook_actions(self) -> Actions:
        poster = TelegramPoster(posting(self.bot), PRESSES)
        return Actions(poster, GroupValues(self.deliveries), self.deliveries, self.leaderboards, self.texts)

    @cached_property
    def playbook_effects(self) -> Effects:
        return Effects(AwardService(self.database), self.lottery_opening.open, self.action_plugins)

    @cached_property
    def playbook_runner(self) -> PlaybookRunner:
        return PlaybookRunner(
            self.deliveries,
            self.groups,
            Judge(FactService(self.database, self.activity, self.clock), self.deliveries),
            {**self.playbook_actions.performers, **self.playbook_effects.performers},
            self.pace,
            EmbeddedLanes(self.clock),
            self.clock,
            Running({}, Timetable((), self.settings.timezone, Holidays())),
            PlaybookNotices(self.texts, self.operators, self.members).resting,
        )

    @cached_property
    def playbooks(self) -> PlaybookReload:
        terms = partial(wrong_terms, taken=self.lottery_opening.taken)
        reader = PlaybookReader(self.settings.playbooks_dir, terms, self.action_plugins)
        return PlaybookReload(reader, self.playbook_runner, Holidays(), self.settings.timezone)

    @cached_property
    def playbook_questions(self) -> PlaybookQuestionService:
        return PlaybookQuestionService(self.database, self.groups, self.clock)

    @cached_property
    def playbook_asking(self) -> PlaybookQuestions:
        return PlaybookQuestions(self.playbook_questions, self.clock, self.operators, self.texts)

    @cached_property
    def steering(self) -> PlaybookService:
        return PlaybookService(self.database, self.clock)

    @cached_property
    def playbook_reports(self) -> PlaybookReportService:
        return PlaybookReportService(self.database, self.groups, self.clock)

    @cached_property
    def playbook_reporter(self) -> PlaybookReporter:
        return PlaybookReporter(self.playbook_reports, self.operators, self.texts, self.clock)

    @cached_property
    def gate(self) -> Gate:
        return Gate(
            COMMANDS,
            hears=self.faq.hears,
            introduces=self.introductions.hears,
            tidies=self.groups.tidies,
            sets_off=self.happenings.hears,
        )


def _keywords() -> Iterator[str]:
    """The words that ask for a command, as they are compared."""
    return (fold(word) for command in COMMANDS for word in command.keywords)
