"""What may answer a page in place of CashTicket: networks, proxies, and a line that breaks in the middle."""

from dataclasses import dataclass, field

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. In its body `{ours}` stands for what CashTicket would have said, `{half}` for its first half."""

    status: int
    body: str = ""
    kind: str = HTML
    headers: dict[str, str] = field(default_factory=dict)

    def text(self, ours: str) -> str:
        return self.body.replace("{ours}", ours).replace("{half}", ours[: len(ours) // 2])


LOG_IN = (
    "<!DOCTYPE html><html><head><title>Wi-Fi</title></head>"
    '<body><form action="/in"><input name="room"></form></body></html>'
)
OTHER_PIECE = '<section id="elsewhere" class="standing" data-version="999999"><p>1</p></section>'
ANSWERS: dict[str, Answer] = {
    "the log-in page of a Wi-Fi": Answer(200, LOG_IN),
    "a challenge": Answer(403, "<!doctype html><html><body><h1>Are you human?</h1></body></html>"),
    "JSON": Answer(200, '{"status":"ok"}', "application/json"),
    "nothing at all": Answer(200),
    "no content": Answer(204),
    "half of ours": Answer(200, "{half}"),
    "ours without its end": Answer(200, "{ours}<p>"),
    "a piece of another place": Answer(200, OTHER_PIECE),
    "ours inside another page": Answer(200, "<!doctype html><html><body>{ours}</body></html>"),
    "ours in a frame of others": Answer(200, '<div class="banner">{ours}</div>'),
    "ours after an advertisement": Answer(200, "<div>Buy now!</div>{ours}"),
    "ours before a script": Answer(200, '{ours}<script src="https://other.example/x.js"></script>'),
    "the way to another page": Answer(302, headers={"Location": "/help"}),
    "a word": Answer(200, "OK", "text/plain"),
    "ours with loose words": Answer(200, "{ours} and more"),
    "an error of a proxy": Answer(502, "<html><body><center><h1>502 Bad Gateway</h1></center></body></html>"),
    "a full proxy": Answer(503, "<p>Service Unavailable</p>"),
    "a late proxy": Answer(504, "upstream request timeout", "text/plain"),
    "an error of a network of servers": Answer(520, '<!doctype html><div id="cf-error"></div>'),
    "a network that asks to sign in": Answer(511, LOG_IN),
    "a bug of a proxy": Answer(500, "{}", "application/json"),
}

NEWEST = 'data-version="999999"'
FRAMES: dict[str, str | bytes] = {
    "a page": LOG_IN,
    "bytes": b"\x00\x01\x02",
    "nothing": "",
    "spaces": "  \n",
    "an unknown name": '<section id="elsewhere" hx-swap-oob="outerMorph">x</section>',
    "a place of the page": '<main id="main" hx-swap-oob="outerMorph">x</main>',
    "no name": "<p>x</p>",
    "words": "pong",
    "JSON of an extension": '{"content":"<p>x</p>","target":"body"}',
    "half a board": f'<section id="board" hx-swap-oob="outerMorph" {NEWEST}><p>',
    "a board of another auction": f'<section id="board" hx-swap-oob="outerMorph" {NEWEST} data-auction="0"></section>',
    "a beat of another auction": f'<i id="beat" hx-swap-oob="outerHTML" data-auction="0" {NEWEST} data-now-ms="1"></i>',
    "a script": "<script>document.title = 'x'</script>",
    "an alert with more": '<div hx-swap-oob="beforeend:#alerts"><p>x</p></div>',
    "two things": '<i id="told" hidden hx-swap-oob="outerHTML" data-more="1"></i><p>x</p>',
    "very much": '<section id="standing" hx-swap-oob="outerMorph">' + "x" * (1 << 20) + "</section>",
}
