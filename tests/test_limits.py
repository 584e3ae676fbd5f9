"""What is too much is refused with a page that says so, and changes nothing."""

import pytest

from marketplace.limits import ADDRESS_MAXIMUM, FIELDS_MAXIMUM
from tests.support.html import check_page, text_of

TOO_LONG = "x" * ADDRESS_MAXIMUM


def heading_of(response):
    return text_of(check_page(response.text).find(".//h1"))


@pytest.mark.parametrize("address", [f"/search?q={TOO_LONG}", f"/{TOO_LONG}", f"/login?{TOO_LONG}"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_that_is_too_long_has_its_page(address, method, client):
    response = client.open(address, method=method)
    assert (response.status_code, heading_of(response)) == (414, "That address is too long")
    assert client.statements == []


def test_the_longest_search_fits(client):
    words = "%E8%88%9F" * 200
    area = "%E8%88%9F" * 80
    conditions = "&condition=new&condition=good&condition=used&condition=worn"
    address = f"/search?q={words}&area={area}&type=temporary&days=30&min=1&max=1000000000{conditions}"
    assert client.get(f"{address}&posted=30&picture=yes&sort=value&near=1000000000").status_code == 200


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
@pytest.mark.parametrize("path", ["/login", "/drafts/00000000-0000-4000-8000-000000000000"])
def test_a_form_with_too_many_fields_is_refused(path, content_type, browser_of, make, rows):
    browser = browser_of(make.member())
    fields = {f"field-{number}": "x" for number in range(FIELDS_MAXIMUM + 1)}
    response = browser.submit(path, fields, content_type=content_type)
    assert (response.status_code, heading_of(response)) == (413, "That was too much at once")
    assert not rows("SELECT id FROM listing_drafts")


def test_fields_of_one_name_count_each(client):
    assert client.submit("/login", {"username": ["x"] * (FIELDS_MAXIMUM + 1)}).status_code == 413


@pytest.mark.parametrize("part", ["", '; filename="a.jpg"'])
def test_a_part_without_a_name_is_a_broken_request(part, client):
    body = f"--x\r\nContent-Disposition: form-data{part}\r\n\r\nx\r\n--x--\r\n"
    response = client.post("/login", data=body.encode(), content_type="multipart/form-data; boundary=x")
    assert response.status_code == 400


def test_a_visitor_with_an_address_too_long_to_come_back_to_is_sent_to_log_in_all_the_same(client):
    # Written into another address, it becomes longer.
    response = client.get(f"/my/saved/searches/new?q={'%E8' * 1200}")
    assert response.status_code == 303
    assert client.get(response.location).status_code == 200


@pytest.mark.parametrize("number", [str(2**63 - 1), str(2**63), "9" * 400, "0", "-1", "1e3"])
@pytest.mark.parametrize("path", ["/listings/{}", "/items/{}", "/sitemaps/{}.xml", "/my/saved/searches/{}"])
def test_a_number_beyond_all_ids_is_no_page(path, number, browser_of, make):
    assert browser_of(make.member()).get(path.format(number)).status_code == 404


@pytest.mark.parametrize("cursor", ["9" * 18 + "-1", "9" * 400, "-1", "x", "1-9223372036854775808", "²-1"])
@pytest.mark.parametrize("path", ["/my/listings?older=", "/members/member-1?older="])
def test_a_page_that_cannot_be_is_passed_over(path, cursor, browser_of, make):
    browser = browser_of(make.member(username="member-1"))
    assert browser.get(path + cursor).status_code in (200, 404)
