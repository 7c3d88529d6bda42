"""Names browsers for a person's list of devices: "Chrome, Windows" from a user agent."""

# The first match counts: most browsers also name the ones further down.
BROWSERS = (
    ("KAKAOTALK", "KakaoTalk"),
    ("NAVER(inapp", "Naver"),
    ("Whale/", "Whale"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def described(agent: str) -> str:
    """Browser and system, such as "Chrome, Windows"; "" when neither is recognised."""
    return ", ".join(name for name in (family(agent), _first_name(agent, SYSTEMS)) if name)


def family(agent: str) -> str:
    """The browser alone, such as "Chrome"; "" when it is not recognised."""
    return _first_name(agent, BROWSERS)


def _first_name(agent: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in names if mark in agent), "")
