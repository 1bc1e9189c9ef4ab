import pytest

from runs.intake.bodies import BodyRefused, parse_body

FORM = "application/x-www-form-urlencoded"


def test_parse_body_form_gives_its_fields():
    assert parse_body(b"a=1&b=two+words&c=%C3%BC&empty=&a=2", FORM) == {
        "a": ["1", "2"],
        "b": "two words",
        "c": "ü",
        "empty": "",
    }


def test_parse_body_form_may_hold_unescaped_text():
    assert parse_body("a=ü&ö=%C3%A4".encode(), FORM) == {"a": "ü", "ö": "ä"}


def test_parse_body_form_has_its_charset():
    assert parse_body(b"a=%FC", f"{FORM}; charset=iso-8859-1") == {"a": "ü"}


def test_parse_body_form_marks_bytes_that_are_no_text():
    assert parse_body(b"a=%FF", FORM) == {"a": "\ufffd"}


def test_parse_body_form_refuses_a_flood_of_fields():
    with pytest.raises(BodyRefused, match="more than 1,000 fields"):
        parse_body(b"&".join(b"a=1" for _ in range(1001)), FORM)


def test_parse_body_github_form_has_its_payload_parsed():
    content = b"payload=%7B%22action%22%3A%20%22opened%22%7D&other=1"

    assert parse_body(content, FORM, github=True) == {"payload": {"action": "opened"}, "other": "1"}
    assert parse_body(content, FORM) == {"payload": '{"action": "opened"}', "other": "1"}


def test_parse_body_github_form_refuses_a_payload_that_does_not_parse():
    with pytest.raises(BodyRefused, match="NaN"):
        parse_body(b"payload=NaN", FORM, github=True)


def multipart(*parts: str) -> bytes:
    return (
        "".join(f"--B\r\nContent-Disposition: form-data; {part}\r\n" for part in parts).encode()
        + b"--B--\r\n"
    )


def test_parse_body_multipart_gives_its_fields():
    content = multipart('name="a"\r\n\r\n1', 'name="b"\r\n\r\nü', 'name="a"\r\n\r\n2')

    assert parse_body(content, "multipart/form-data; boundary=B") == {"a": ["1", "2"], "b": "ü"}


def test_parse_body_multipart_refuses_files():
    content = multipart('name="a"\r\n\r\n1', 'name="f"; filename="x.txt"\r\n\r\nhello')

    with pytest.raises(BodyRefused, match="holds a file"):
        parse_body(content, "multipart/form-data; boundary=B")


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=ä", "multipart/form-data; boundary="]
)
def test_parse_body_multipart_refuses_a_missing_boundary(kind):
    with pytest.raises(BodyRefused, match="boundary"):
        parse_body(multipart('name="a"\r\n\r\n1'), kind)
