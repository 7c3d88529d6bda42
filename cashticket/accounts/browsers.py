"""What to call a browser in a list of one's own devices: "Chrome, Windows" from what it says of itself."""

# The first that fits: most browsers also claim to be the ones further down.
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
    """Browser and system; "" when nothing is recognised."""
    found = (next((name for mark, name in names if mark in agent), "") for names in (BROWSERS, SYSTEMS))
    return ", ".join(name for name in found if name)
