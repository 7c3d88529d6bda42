"""Bodies of forms that are not UTF-8, or say that they are something else."""

FORM = "application/x-www-form-urlencoded"
BOUNDARY = "multipart/form-data; boundary=b"


def parts(value: bytes, kind: bytes = b"") -> bytes:
    """One field `name` as browsers send it in parts."""
    head = b'--b\r\nContent-Disposition: form-data; name="name"\r\n' + kind + b"\r\n"
    return head + value + b"\r\n--b--\r\n"


BODIES: dict[str, tuple[str, bytes]] = {
    "EUC-KR in percents": (FORM, b"name=%B1%E8%BE%D9"),
    "EUC-KR as it is": (FORM, b"name=\xb1\xe8\xbe\xd9"),
    "Latin-1 in percents": (FORM, b"name=Ren%E9e"),
    "a cut character": (FORM, b"name=%EA%B9"),
    "a byte that is never there": (FORM, b"name=%FF"),
    "a surrogate": (FORM, b"name=%ED%A0%80"),
    "an overlong slash": (FORM, b"name=%C0%AF"),
    "a name of a field": (FORM, b"%FF=x&name=alice"),
    "UTF-16": (FORM, b"\xff\xfen\x00a\x00m\x00e\x00=\x00x\x00"),
    "parts in EUC-KR": (BOUNDARY, parts(b"\xb1\xe8\xbe\xd9")),
    "parts that say EUC-KR": (BOUNDARY, parts("김".encode("euc-kr"), b"Content-Type: text/plain; charset=euc-kr\r\n")),
    "a form that says EUC-KR": (f"{FORM}; charset=euc-kr", b"name=%B1%E8"),
    "a form that says UTF-16": (f"{FORM}; charset=utf-16", b"name=alice"),
    "a form that says nonsense": (f'{FORM}; charset="\xff"', b"name=alice"),
}
