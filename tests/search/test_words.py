"""What was typed becomes a query that finds what was indexed, and that PostgreSQL never refuses."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from marketplace.search.facets import whole_words_only
from marketplace.search.words import TERMS_MAXIMUM, TEXT_MAXIMUM, Term, fold, parse
from tests.support.hostile import HOSTILE

ON_ONE_DATABASE = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
# Characters that both Python and PostgreSQL know; newer ones are known to one of them alone.
assigned = st.characters(exclude_categories=("Cs", "Cn", "Co"), exclude_characters="\x00")
typed = st.text(st.sampled_from('"-“ ') | assigned, max_size=60)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("drill", "('drill':*)"),
        ("red drill", "('red') & ('drill':*)"),
        ("go", "('go')"),
        ('"cordless drill"', "('cordless drill')"),
        ("“cordless drill” x", "('cordless drill') & ('x')"),
        ('"cordless drill', "('cordless drill')"),
        ("-blue drill", "!('blue') & ('drill':*)"),
        ("drill -blue", "('drill') & !('blue')"),
        ('-"light blue"', "!('light blue')"),
        ("wi-fi", "('wi fi')"),
        ("T-shirt", "('t' <-> 'shirt':*)"),
        ("Łódź Übergröße", "('łodz') & ('ubergroße':*)"),
        ("東京", "('東 京')"),
        ("-", ""),
        ("!!! ???", ""),
        ("", ""),
    ],
)
def test_what_is_typed_becomes_a_query(text, query):
    assert parse(text).query() == query


def test_limits_are_said_kindly():
    long = parse("drill " + "x" * TEXT_MAXIMUM)
    assert long.problems == ("Only the first 200 characters of your search were used.",)
    many = parse(" ".join(f"word{number}" for number in range(20)))
    assert len(many.terms) == TERMS_MAXIMUM
    assert many.problems == ("Only the first 12 words of your search were used.",)
    assert parse("!!!").problems == ("There is no word in “!!!” that can be looked for.",)
    assert parse(" ").problems == ()


def test_the_last_of_too_many_words_is_no_beginning():
    assert not any(term.begins for term in parse(" ".join(["word"] * 20)).terms)


def test_a_word_that_postgresql_would_refuse_is_left_out():
    # One of these characters is eighteen when it is taken apart.
    assert parse("\U0001d160" * TEXT_MAXIMUM).terms == ()


@ON_ONE_DATABASE
@given(st.text(assigned, max_size=40))
@example("ÀÉÎõü Ärger ŁÓDŹ straße")
@example("İstanbul ΣΊΣΥΦΟΣ Ⅷ ﬁsh ½ Å")
@example("東京タワー กรุงเทพ 한국어 ビール")
@example("e\u0301 \u05d1\u05bc\u05d5 مَكتَبة")
@example("tab\there, new\nline, a\u00a0b\u2003c _x_ a`b~c")
def test_folding_is_what_the_database_does(rows, value):
    assert fold(value) == rows("SELECT search_text(:value)", value=value)[0][0]


@ON_ONE_DATABASE
@given(typed)
@example("the and of")
@example("-the")
@example('"the" -"of a" :* <-> !(&|')
@example("'\\':*AB")
def test_no_query_is_refused(rows, value):
    rows("SELECT to_tsquery('pg_catalog.english', :query)", query=parse(value).query())


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_hostile_text_is_refused(text, rows):
    value = text.decode(errors="replace").replace("\x00", "")
    rows("SELECT to_tsquery('pg_catalog.english', :query)", query=parse(value).query())


@ON_ONE_DATABASE
@given(st.text(assigned, min_size=1, max_size=20).filter(lambda value: fold(value).strip()))
@example("0:\U0001bc9c㐀")
def test_each_text_is_found_by_itself_as_a_phrase(rows, value):
    words = tuple(fold(value).split())
    ((found, nodes),) = rows(
        "SELECT to_tsvector('pg_catalog.english', search_text(:value)) @@ query, numnode(query)"
        " FROM to_tsquery('pg_catalog.english', :query) AS query",
        value=value,
        query=Term(words).query(),
    )
    assert found or nodes == 0


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("'drill':*", "'drill':*"),
        ("'red' & 'drill':*", "'red' & 'drill':*"),
        ("'cat':*", "'cat'"),
        ("'x' <-> 'valu':*", "'x' <-> 'valu'"),
        ("'condit':*", "'condit'"),
        ("'conditioner':*", "'conditioner':*"),
        ("'o''neill':*", "'o''neill':*"),
    ],
)
def test_the_beginning_of_a_facet_is_no_beginning_of_a_word(query, kept):
    assert whole_words_only(query) == kept


@pytest.mark.parametrize("word", ["cat", "cats", "kind", "kinds", "typing", "areas", "valued", "pictures"])
def test_no_word_finds_what_only_has_a_facet_like_it(word, client, make):
    make.listing(title="A drill", area="Harbour", items=[{"value": 5, "condition": "good"}])
    assert "1 listing" not in client.get(f"/search?q={word}").text
