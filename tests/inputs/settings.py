"""Values of settings, good and bad, by name. `{here}` is a folder that may be written, `{file}` a file in it, `{key}` a
key. Of a name, bad and good values of the same place are tried together in one start."""

LONG = "x" * 300

BAD: dict[str, list[str]] = {
    "DATABASE_URL": [
        *("mysql://u:Geheim7@db/t", "postgres://u:Geheim7@db/t", "mysql+pymysql://u:Geheim7@db", "db.example"),
        *("mysql+pymysql://u:Geheim7@db:99999/t", "mysql+pymysql:///t", "mysql+pymysql://u:Geheim7@db/t?charset=x"),
        *(
            "mysql+pymysql://u:Geheim7@db/t?ssl_ca=/nowhere",
            "oracle://u:Geheim7@db/t",
            "mysql+pymysql://u:Geheim7@[::1/t",
        ),
        *(
            "mysql+pymysql://u:Geheim7@db/t\r",
            "mysql+pymysql://u:Geheim7@db/t?port=abc",
            "mysql+pymysql://u:Geheim7@db/t?ssl=1",
            "mysql+pymysql://u:Geheim7@db/t?read_timeout=-1",
            "sqlite:///{here}/x.db?timeout=abc",
            "sqlite:///{here}/x.db?foo=1",
            "sqlite:///{here}",
        ),
    ],
    "REDIS_URL": [
        *(
            "redis://:Geheim7#b@127.0.0.1/0",
            "127.0.0.1:6379",
            "http://127.0.0.1",
            "redis://127.0.0.1:99999",
            "redis://",
        ),
        *("redis://[::1", "unix://", "redis://127.0.0.1/first", "redis://127.0.0.1/0?sokket=3", "redis+sentinel://"),
        *(
            "redis://h/0?protocol=9",
            "redis://h/0?decode_responses=yes",
            "rediss://h?ssl_cert_reqs=maybe",
            "redis://:Geheim7@h/0\r",
            "unix:///tmp/x.sock\udcff",
        ),
    ],
    "QUEUE_REDIS_URL": [
        *("redis://:a/Geheim7@127.0.0.1/0", "localhost", "memcached://h", "redis://h:0", "rediss://h?ssl_ca_certs=/no"),
        *("redis://h:port", "redis:/h", "unix:", "redis://h/-1", "redis+sentinel://h:1,h:2"),
    ],
    "MAIL_URL": [
        *("smtp.naver.com:465", "smtp://", "smtp://m:abc", "smtp://m:0", "smtp://[::1", "smtp://u:Geheim7#b@m"),
        *("file:{file}", "file:{file}/mail", "pigeon:home", "file:" + LONG, "file:", "smtp://m?tls=no"),
        *("smtp://u:Geheim7가@m.example", "smtp://u:Geheim7@m.example\r"),
    ],
    "BASE_URL": [
        *("http://[::1", "https://t.example:https", "https://t.example:0", "https://t.example/shop", "t.example"),
        *("https://t..example", "https://t example", "https://", "ftp://t.example", "https://-t.example"),
    ],
    "MAIL_FROM": [
        *("nobody", "a@b.kr, c@d.kr", "<a@b.kr", "a b@c.kr", "a@b.kr\r\nBcc: c@d.kr", "é@b.kr", "x <>", "@b.kr"),
        *("a@b..kr", "a@-b.kr", "a@b.kr.", "a..b@c.kr", ".a@c.kr", "a@가 나.kr", 'x "y" <a@b.kr>'),
    ],
    "POSTERS": [
        *(
            "{file}",
            "{file}/posters",
            "{file}/a/b",
            " ",
            "a\nb",
            LONG,
            f"{{here}}/{LONG}",
            "{here}/\x7f",
            "\t",
            "x/" * 3000,
        ),
    ],
    "WITNESS_DIR": [
        *(
            "{file}",
            "{file}/witness",
            "{file}/a/b/c",
            " ",
            "a\rb",
            "가" * 100,
            f"{LONG}/x",
            "{here}/\x01",
            "\n",
            "y/" * 3000,
        ),
    ],
    "DISK_PATHS": [
        *("{file}", "{here}/none", "{here}:{here}/none", "/nowhere", "{file}:{here}", "none", " ", LONG, "a\nb", "x:y"),
    ],
    "PORT": ["0", "65536", "http", "-1", "٨", "9" * 50, "80.0", "0x50", "1e3", "80 "],
    "SOCKETS_MAX": ["0", "-5", "many", "1.5", "1_000", "9999999", "½", "1 000", "+1", "0b1"],
    "PROXIES": ["one", "11", "-1", "1.0", "true", "99", "²", "1,2", "0x1", " 1"],
    "SECURITY_CONTACT": [
        *("call us", "mailto:", "https:", "http://t.example", "mailto:a b@c.kr", "security@t.example", "mailto:@t.kr"),
        *("https://", "mailto:a@b@c", "https://t.example/\nContact: x"),
        *("https://t.example/\udcff", "https://t.example/\x07"),
    ],
    "VAPID_CONTACT": [
        *("call us", "mailto:", "https:", "http://t.example", "mailto:a b@c.kr", "a@t.example", "https://localhost"),
        *("https://t.example/x y", "mailto:a@가.kr", "tel:+82"),
    ],
    "ORGANISER_EMAIL": [
        *("shop", "a@b, c@d", "Shop <a@b.kr>", "a@b..kr", "é@b.kr", "@b.kr", "a@", "a b@c.kr", "mailto:a@b.kr", "a@-b"),
    ],
    "PUSH_HOSTS": [
        *(
            "https://p.example",
            "*",
            "p_example!",
            "*.*.example",
            "p.example/x",
            "-",
            "a@b",
            "*example",
            "[::1]",
            "p..example",
        ),
    ],
}

GOOD: dict[str, list[str]] = {
    "DATABASE_URL": [f"sqlite:///{{here}}/{number}.db" for number in range(10)],
    "QUEUE_REDIS_URL": [
        *("redis://127.0.0.1:6379/1", "redis://u:p%40w@127.0.0.1/0", "rediss://h.example:6380/0", "unix:///tmp/x.sock"),
        *("redis://[::1]:6379/0", "redis://h", "redis://:pw@h/15", "unix:///tmp/x.sock?db=2", "redis://레디스.example"),
        "redis+sentinel://u:pw@a:26379,b:26379,c:26379/live/0",
    ],
    "MAIL_URL": [
        *(
            "console:",
            "file:{here}/mail",
            "file:///{here}/new/mail",
            "smtp://localhost",
            "smtp://u:p%23w@m.example:587",
        ),
        *(
            "smtps://u:pw@m.example",
            "smtp://m.example?starttls=optional",
            "file:{here}",
            "smtp://메일.example",
            "file:mail",
        ),
    ],
    "BASE_URL": [
        *(
            "https://t.example",
            "https://t.example/",
            "http://127.0.0.1:8000",
            "https://티켓.example",
            "http://[::1]:80",
        ),
        *(
            "https://T.Example:8443",
            "https://xn--7f7br4e.example",
            "http://localhost",
            "https://a-b.c.example",
            "http://a_b",
        ),
    ],
    "MAIL_FROM": [
        *("a@b.kr", "<a@b.kr>", "캐시티켓 <a+b@c.kr>", "CashTicket <no-reply@localhost>", "A B <a.b@c-d.kr>"),
        *("a@티켓.example", "티켓 <a@티켓.example>", "o'neil@c.kr", "x_y@c.kr", "a@sub.b.example"),
    ],
    "POSTERS": [
        "{here}",
        "{here}/posters",
        "{here}/a/b/c",
        "posters",
        "./p",
        "{here}/포스터",
        "{here}/a b",
        "{here}/..",
        "p/q",
        "p",
    ],
    "WITNESS_DIR": [f"{{here}}/w{number}/{number}" for number in range(10)],
    "DISK_PATHS": ["{here}", "/", "{here}:/", "/tmp", ".", ":{here}:", "{here}:{here}", "/:/tmp", "{here}/.", "/tmp/"],
    "PORT": ["1", "65535", "8000", "80", "443", "08000", "5000", "9", "10", "8443"],
    "SOCKETS_MAX": ["1", "64", "1000000", "100", "0064", "2", "3", "5000", "16384", "999"],
    "PROXIES": [str(number) for number in range(1, 11)],
    "SECURITY_CONTACT": [
        *("mailto:a@b.example", "https://t.example", "https://t.example/report", "https://t.example/a?b=c"),
        *(f"mailto:security+{number}@t.example" for number in range(6)),
    ],
    "VAPID_CONTACT": [f"mailto:push{number}@t.example" for number in range(5)]
    + [f"https://t{number}.example" for number in range(5)],
    "ORGANISER_EMAIL": [f"shop{number}@t{number}.example" for number in range(9)] + ["a@가게.example"],
    "PUSH_HOSTS": ["p.example", "*.p.example", "a.example b.example", "a.example,*.b.example"] * 3,
}
