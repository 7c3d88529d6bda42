"""The invented concerts of the demo's season."""

from dataclasses import dataclass
from datetime import time

DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Sale:
    """The auction of an evening: amounts in won, when it opens, and how many hours it runs."""

    seats: int
    minimum: int
    step: int
    opens_in_minutes: int
    hours: int


@dataclass(frozen=True, slots=True)
class Evening:
    """A concert `days` after the seeding, with or without an auction."""

    title: str
    artist: str
    venue: str
    genre: str
    days: int
    starts: time
    description: str
    age_limit: int | None = None
    auction: Sale | None = None


SEASON: tuple[Evening, ...] = (
    Evening(
        title="겨울, 우리가 지나온 모든 계절",
        artist="새벽정거장",
        venue="서울 노들섬 라이브관",
        genre="인디",
        days=38,
        starts=time(19, 0),
        description="데뷔 십 년을 맞은 새벽정거장이 처음부터 지금까지의 노래를 한자리에 모읍니다. "
        "앙코르는 관객이 고릅니다.",
        auction=Sale(seats=16, minimum=90_000, step=5_000, opens_in_minutes=5, hours=1),
    ),
    Evening(
        title="물의 반영 – 윤서하 피아노 리사이틀",
        artist="윤서하",
        venue="서울 한내홀",
        genre="클래식",
        days=45,
        starts=time(19, 30),
        description="드뷔시와 라벨, 그리고 윤서하가 직접 쓴 세 개의 전주곡. "
        "건반 앞 열두 자리에서 손끝까지 볼 수 있습니다.",
        age_limit=8,
        auction=Sale(seats=12, minimum=150_000, step=10_000, opens_in_minutes=0, hours=48),
    ),
    Evening(
        title="LOUD HARBOR",
        artist="그리드라인",
        venue="부산 영도 제3부두 야외무대",
        genre="록",
        days=52,
        starts=time(18, 0),
        description="바다를 등지고 서는 세 시간. 스탠딩 맨 앞 구역의 VIP 자리에는 음향 점검 관람이 포함됩니다.",
        age_limit=12,
        auction=Sale(seats=30, minimum=120_000, step=5_000, opens_in_minutes=DAY_MINUTES, hours=48),
    ),
    Evening(
        title="사랑채 재즈",
        artist="모리와 밤버스",
        venue="전주 은행나무집 대청마루",
        genre="재즈",
        days=59,
        starts=time(19, 0),
        description="한옥 대청에서 듣는 쿼텟. 마이크 없이, 비가 오면 빗소리와 함께 연주합니다.",
        auction=Sale(seats=10, minimum=80_000, step=5_000, opens_in_minutes=3 * DAY_MINUTES, hours=72),
    ),
    Evening(
        title="파도상점 여름 끝 콘서트",
        artist="파도상점",
        venue="강릉 솔바람극장",
        genre="인디",
        days=73,
        starts=time(18, 30),
        description="여름이 끝나는 날마다 여는 공연, 올해는 새 노래 네 곡을 먼저 들려드립니다.",
        auction=Sale(seats=14, minimum=70_000, step=5_000, opens_in_minutes=6 * DAY_MINUTES, hours=96),
    ),
    Evening(
        title="교향곡 ‘봄밤’ 초연",
        artist="한강 필하모닉",
        venue="대전 너른마당 콘서트홀",
        genre="클래식",
        days=80,
        starts=time(17, 0),
        description="작곡가 배은수의 첫 교향곡을 초연합니다. VIP 좌석에는 리허설 참관과 총보 해설지가 따라옵니다.",
        age_limit=8,
        auction=Sale(seats=24, minimum=110_000, step=10_000, opens_in_minutes=10 * DAY_MINUTES, hours=96),
    ),
    Evening(
        title="백목련 단독 공연 〈이어질 이야기〉",
        artist="백목련",
        venue="대구 달빛소극장",
        genre="발라드",
        days=88,
        starts=time(19, 30),
        description="삼 년 만의 단독 공연. 정규 4집 전곡을 순서대로 부릅니다.",
        auction=Sale(seats=18, minimum=130_000, step=5_000, opens_in_minutes=20 * DAY_MINUTES, hours=72),
    ),
    Evening(
        title="밤의 장단",
        artist="소리패 너울",
        venue="광주 무등 국악당",
        genre="국악",
        days=95,
        starts=time(19, 0),
        description="판소리와 전자음악이 한 박을 나눕니다. 고수 바로 옆자리까지 열었습니다.",
    ),
    Evening(
        title="NOVA SIX FIRST TOUR in INCHEON",
        artist="NOVA SIX",
        venue="인천 송도 큐브 아레나",
        genre="K-POP",
        days=110,
        starts=time(18, 0),
        description="여섯 멤버의 첫 투어, 마지막 밤은 인천입니다. VIP 구역 관객과 함께하는 인사 시간이 있습니다.",
        age_limit=9,
    ),
    Evening(
        title="돌담 아래 포크 음악회",
        artist="김바람 · 오월의 우체국",
        venue="제주 애월 돌담정원",
        genre="포크",
        days=124,
        starts=time(17, 30),
        description="해가 지는 시간에 맞추어 시작합니다. 무릎담요와 따뜻한 차를 준비해 두겠습니다.",
    ),
    Evening(
        title="힙합 플레이그라운드",
        artist="마일즈베이, 도하, 301호",
        venue="서울 성수 공장동",
        genre="힙합",
        days=138,
        starts=time(19, 0),
        description="세 팀이 한 무대에서 서로의 노래를 바꿔 부릅니다.",
        age_limit=15,
    ),
    Evening(
        title="작은 오페라 〈편지〉",
        artist="오페라단 물결",
        venue="수원 화성 작은극장",
        genre="오페라",
        days=152,
        starts=time(19, 0),
        description="백 석짜리 극장에서 올리는 한 시간 반의 오페라. 한국어 가사에 자막도 함께합니다.",
        age_limit=8,
    ),
)
ENDED = Evening(
    title="첫눈 오는 날의 라디오",
    artist="서리와 등대",
    venue="서울 남산 유리온실",
    genre="인디",
    days=24,
    starts=time(19, 0),
    description="라디오 공개방송처럼 꾸미는 두 시간. 사연을 미리 받아 그 자리에서 노래로 답합니다.",
)
"""The concert whose auction has ended."""
