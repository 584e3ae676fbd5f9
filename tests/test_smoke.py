"""The pages answer."""


def test_pages_answer(client, make):
    member = make.member()
    listing = make.listing(owner_id=member.id, items=[{}, {"exchange_type": "temporary", "duration_days": 7}])
    for path in ("/", "/login", "/register", f"/listings/{listing.id}"):
        client.page(path)
    client.sign_in(member)
    for path in ("/my/listings", "/listings/new", f"/listings/{listing.id}/edit"):
        client.page(path)
