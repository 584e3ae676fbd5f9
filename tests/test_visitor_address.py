"""Where a request comes from, and whom that is believed of."""

import pytest

from marketplace.visitor_address import visitor_address, visitor_network


@pytest.fixture
def address_of(app, monkeypatch):
    """Tells the visitor's address of a request from `peer` that says something of others."""
    from marketplace.config import _networks

    def find(peer, said=None, proxies="127.0.0.0/8 ::1", tell=visitor_address):
        monkeypatch.setitem(app.config, "TRUSTED_PROXIES", _networks(proxies))
        headers = {} if said is None else {"X-Forwarded-For": said}
        with app.test_request_context(environ_base={"REMOTE_ADDR": peer}, headers=headers):
            return tell()

    return find


@pytest.mark.parametrize(
    ("peer", "said", "proxies", "address"),
    [
        ("203.0.113.7", None, "127.0.0.1", "203.0.113.7"),
        ("203.0.113.7", "192.0.2.1", "127.0.0.1", "203.0.113.7"),
        ("127.0.0.1", "192.0.2.1", "127.0.0.1", "192.0.2.1"),
        ("127.0.0.1", "192.0.2.1", "", "127.0.0.1"),
        ("127.0.0.1", "6.6.6.6, 192.0.2.1", "127.0.0.1", "192.0.2.1"),
        ("127.0.0.1", "6.6.6.6, 192.0.2.1, 10.1.2.3", "127.0.0.1 10.0.0.0/8", "192.0.2.1"),
        ("127.0.0.1", "10.9.9.9, 10.1.2.3", "127.0.0.1,10.0.0.0/8", "10.9.9.9"),
        ("127.0.0.1", "192.0.2.1, nonsense", "127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "192.0.2.1,", "127.0.0.1", "127.0.0.1"),
        ("::1", "2001:db8::1", "::1", "2001:db8::1"),
        ("::ffff:127.0.0.1", "::ffff:192.0.2.1", "127.0.0.1", "192.0.2.1"),
        ("fe80::1%eth0", "192.0.2.1", "127.0.0.1", "fe80::1"),
        ("", "192.0.2.1", "127.0.0.1", ""),
    ],
)
def test_only_a_trusted_proxy_is_believed(peer, said, proxies, address, address_of):
    assert address_of(peer, said, proxies) == address


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
    ],
)
def test_a_subscriber_is_one_visitor(address, network, address_of):
    assert address_of(address, tell=visitor_network) == network
