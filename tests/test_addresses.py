"""Addresses in every form in which servers and proxies write them, and the ranges of settings."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import obgen
from obgen.runtime.addresses import Proxies, Ranges, read_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%eth0]:4711", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:c000:201", "192.0.2.1"),
        ("[::ffff:192.0.2.1]:4711", "192.0.2.1"),
        # Deprecated, and never what a socket sees: it stays an IPv6 address.
        ("::192.0.2.1", "::c000:201"),
    ],
)
def test_an_address_is_read(text: str, address: str) -> None:
    assert str(read_address(text)) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "unknown",
        "unix:",
        "localhost",
        "testclient",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.01",
        "192.0.2.1 ",
        "192.0.2.1\n",
        "192.0.2.1:",
        "192.0.2.1:port",
        "192.0.2.1:123456",
        "192.0.2.1%eth0",
        "192.0.2.1/32",
        "[192.0.2.1]",
        "3221225985",
        "0xc0000201",
        "\u0661.1.1.1",
        "[2001:db8::1",
        "2001:db8::1]",
        "[2001:db8::1]x",
        "[]",
        ":",
        "1::2::3",
        "fe80::1%",
        "fe80::1%a b",
        "%eth0",
        '"192.0.2.1"',
        "for=192.0.2.1",
        "_hidden",
        "1" * 1_000_000,
    ],
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"address$"):
        read_address(text)


@given(address=st.ip_addresses(), port=st.integers(0, 65535))
def test_an_address_is_itself_with_and_without_a_port(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int
) -> None:
    bare = str(address)
    expected = read_address(bare)
    assert expected in {address, getattr(address, "ipv4_mapped", None)}
    assert read_address(f"[{bare}]:{port}" if ":" in bare else f"{bare}:{port}") == expected


def test_ranges_hold_what_is_between_their_ends() -> None:
    ranges = Ranges("networks", "192.0.2.64/26, 198.51.100.7 2001:db8::/48")
    assert len(ranges) == 3
    for inside in ("192.0.2.64", "192.0.2.127", "198.51.100.7", "2001:db8::", "2001:db8:0:ffff::1"):
        assert read_address(inside) in ranges
    for outside in ("192.0.2.63", "192.0.2.128", "198.51.100.8", "2001:db8:1::", "::c000:240"):
        assert read_address(outside) not in ranges
    assert None not in ranges


def test_everybody_is_a_range() -> None:
    assert read_address("192.0.2.1") in Ranges("networks", ["0.0.0.0/0"])
    assert read_address("::ffff:192.0.2.1") not in Ranges("networks", ["::/0"])


def test_a_unix_socket_can_be_a_proxy() -> None:
    proxies = Proxies("proxies", ["unix", "192.0.2.1"])
    assert len(proxies) == 2
    assert None in proxies
    assert read_address("192.0.2.1") in proxies
    assert None not in Proxies("proxies", "192.0.2.1")
    assert read_address("192.0.2.1") not in Proxies("proxies", "unix")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("salesforce", "Give an address, or a range such as 192.0.2.0/24 or 2001:db8::/32."),
        ("192.0.2.1:80", "'192.0.2.1:80' does not appear to be an IPv4 or IPv6 network."),
        ("192.0.2.0/255.255.255.0", "Give an address, or a range such as"),
        ("fe80::%eth0/64", "Give an address, or a range such as"),
        ("", "Give an address, or a range such as"),
        (None, "Give an address, or a range such as"),
        ("192.0.2.1/24", "192.0.2.1/24 has host bits set."),
        ("192.0.2.0/33", "'192.0.2.0/33' does not appear to be an IPv4 or IPv6 network."),
        ("::ffff:192.0.2.0/120", "Give the IPv4 range itself: it covers both forms."),
    ],
)
@pytest.mark.parametrize("kind", [Ranges, Proxies])
def test_a_range_that_is_none_is_a_mistake(kind: type[Ranges], text: str, hint: str) -> None:
    with pytest.raises(obgen.ConfigurationError) as caught:
        kind("networks", ["192.0.2.1", text])
    assert str(caught.value) == f"networks: {text!r} can't be used"
    assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize("everybody", ["0.0.0.0/0", "::/0"])
def test_not_everybody_can_be_a_proxy(everybody: str) -> None:
    with pytest.raises(obgen.ConfigurationError, match=r"^proxies names every address there is$"):
        Proxies("proxies", ["unix", everybody])


def test_unix_is_no_range() -> None:
    with pytest.raises(obgen.ConfigurationError, match="'unix' can't be used"):
        Ranges("networks", "unix")


@pytest.mark.parametrize("kind", [Ranges, Proxies])
@pytest.mark.parametrize("nothing", ["", " , ", [], ()])
def test_no_range_at_all_is_a_mistake(kind: type[Ranges], nothing: str | list[str]) -> None:
    with pytest.raises(obgen.ConfigurationError, match=r"^networks is empty$"):
        kind("networks", nothing)
