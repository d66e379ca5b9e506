"""What a unit of work is given: the repositories, all in one transaction."""

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.domain.groups import Group
from storage.activity import ActivityRepository
from storage.admissions import AdmissionRepository
from storage.audits import AuditRepository
from storage.changes import ChangeRepository
from storage.chatter import ChatterRepository
from storage.checkins import CheckInRepository
from storage.deletions import DeletionRepository
from storage.deliveries import DeliveryRepository
from storage.deliveries_facts import DeliveryFacts
from storage.deliveries_posts import DeliveryPosts
from storage.exports import ExportRepository
from storage.faq import FaqRepository
from storage.faq_heard import HeardRepository
from storage.groups import GroupRepository
from storage.hand_overs import HandOverRepository
from storage.happenings import HappeningRepository
from storage.introductions import IntroductionRepository
from storage.invites import InviteRepository
from storage.joins import JoinRepository
from storage.leaderboards import LeaderboardRepository
from storage.libraries import LibraryRepository
from storage.lotteries import LotteryRepository
from storage.lotteries_claims import ClaimRepository
from storage.lotteries_codes import PrizeCodeRepository
from storage.lotteries_reviews import LotteryReviewRepository
from storage.lotteries_standings import StandingRepository
from storage.lotteries_tickets import LotteryTicketRepository
from storage.members import MemberRepository
from storage.moderation import ModerationRepository
from storage.outbox import OutboxRepository
from storage.playbook_questions import PlaybookQuestionRepository
from storage.playbook_reports import PlaybookReportRepository
from storage.playbooks import PlaybookRepository
from storage.points import PointsRepository
from storage.updates import UpdateRepository
from storage.welcomes import WelcomeRepository


@dataclass(frozen=True, slots=True)
class Transaction:
    """The repositories of one transaction; they are gone with it, and so is what was not committed."""

    connection: Connection

    @property
    def activity(self) -> ActivityRepository:
        """Message counts."""
        return ActivityRepository(self.connection)

    @property
    def admissions(self) -> AdmissionRepository:
        """Newcomers at the door."""
        return AdmissionRepository(self.connection)

    @property
    def audits(self) -> AuditRepository:
        """What an audit reads."""
        return AuditRepository(self.connection)

    @property
    def changes(self) -> ChangeRepository:
        """Who changed what."""
        return ChangeRepository(self.connection)

    @property
    def chatter(self) -> ChatterRepository:
        """How much is said."""
        return ChatterRepository(self.connection)

    @property
    def checkins(self) -> CheckInRepository:
        """Days on which members checked in."""
        return CheckInRepository(self.connection)

    @property
    def deletions(self) -> DeletionRepository:
        """Messages that are to disappear."""
        return DeletionRepository(self.connection)

    @property
    def deliveries(self) -> DeliveryRepository:
        """What playbooks post."""
        return DeliveryRepository(self.connection)

    @property
    def delivery_facts(self) -> DeliveryFacts:
        """What steps ask before their turn."""
        return DeliveryFacts(self.connection)

    @property
    def delivery_posts(self) -> DeliveryPosts:
        """The messages that deliveries became."""
        return DeliveryPosts(self.connection)

    @property
    def exports(self) -> ExportRepository:
        """Members and points, page by page."""
        return ExportRepository(self.connection)

    @property
    def faq(self) -> FaqRepository:
        """The groups' own FAQ entries."""
        return FaqRepository(self.connection)

    @property
    def hand_overs(self) -> HandOverRepository:
        """Operators on duty, and who wanted a person."""
        return HandOverRepository(self.connection)

    @property
    def heard(self) -> HeardRepository:
        """What was said lately."""
        return HeardRepository(self.connection)

    @property
    def groups(self) -> GroupRepository:
        """Group chats and their settings."""
        return GroupRepository(self.connection)

    @property
    def happenings(self) -> HappeningRepository:
        """What steps of playbooks wait for."""
        return HappeningRepository(self.connection)

    @property
    def joins(self) -> JoinRepository:
        """Who joined, and raids."""
        return JoinRepository(self.connection)

    @property
    def introductions(self) -> IntroductionRepository:
        """Who has introduced themselves."""
        return IntroductionRepository(self.connection)

    @property
    def invites(self) -> InviteRepository:
        """Invite links, and who came by which."""
        return InviteRepository(self.connection)

    @property
    def leaderboards(self) -> LeaderboardRepository:
        """Who has most."""
        return LeaderboardRepository(self.connection)

    @property
    def libraries(self) -> LibraryRepository:
        """What groups have had of libraries."""
        return LibraryRepository(self.connection)

    @property
    def lotteries(self) -> LotteryRepository:
        """Lotteries, who entered and who won."""
        return LotteryRepository(self.connection)

    @property
    def claims(self) -> ClaimRepository:
        """Prizes that winners claimed, or did not."""
        return ClaimRepository(self.connection)

    @property
    def prize_codes(self) -> PrizeCodeRepository:
        """The codes of prizes."""
        return PrizeCodeRepository(self.connection)

    @property
    def lottery_tickets(self) -> LotteryTicketRepository:
        """Tickets for invites."""
        return LotteryTicketRepository(self.connection)

    @property
    def lottery_reviews(self) -> LotteryReviewRepository:
        """Entrants who may be one person."""
        return LotteryReviewRepository(self.connection)

    @property
    def members(self) -> MemberRepository:
        """People and their membership."""
        return MemberRepository(self.connection)

    @property
    def outbox(self) -> OutboxRepository:
        """What the bot has to say."""
        return OutboxRepository(self.connection)

    @property
    def playbook_questions(self) -> PlaybookQuestionRepository:
        """What operators are asked about deliveries."""
        return PlaybookQuestionRepository(self.connection)

    @property
    def playbook_reports(self) -> PlaybookReportRepository:
        """What playbooks brought."""
        return PlaybookReportRepository(self.connection)

    @property
    def playbooks(self) -> PlaybookRepository:
        """What operators steer and see of playbooks."""
        return PlaybookRepository(self.connection)

    @property
    def points(self) -> PointsRepository:
        """The ledger and its balances."""
        return PointsRepository(self.connection)

    def standings(self, group: Group) -> StandingRepository:
        """What members of a group bring along for its lotteries."""
        return StandingRepository(self.connection, group.id, group.wallet_id)

    @property
    def updates(self) -> UpdateRepository:
        """Updates taken in."""
        return UpdateRepository(self.connection)

    @property
    def moderation(self) -> ModerationRepository:
        """Offences and forbidden words."""
        return ModerationRepository(self.connection)

    @property
    def welcomes(self) -> WelcomeRepository:
        """How newcomers are greeted."""
        return WelcomeRepository(self.connection)
