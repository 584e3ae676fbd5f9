"""Takes SQL apart just far enough to know what a statement does to which table.

It knows PostgreSQL's words, quotes and comments, not its grammar: whoever asks must treat what is not
recognised as unknown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""
      (?P<space>\s+ | --[^\n]*)
    | (?P<comment>/\*)
    | (?P<dollar>\$(?:[A-Za-z_\x80-\uffff][A-Za-z0-9_\x80-\uffff]*)?\$)
    | (?P<string>[eE]'(?:[^'\\]|''|\\.)*' | (?:[bBxXnN]|[uU]&)?'(?:[^']|'')*')
    | (?P<quoted>(?:[uU]&)?"(?:[^"]|"")*")
    | (?P<word>[A-Za-z_\x80-\uffff][A-Za-z0-9_$\x80-\uffff]*)
    | (?P<number>\d[\d.eE_]*)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """A word (in capitals), quoted name, string, number or mark, and where it lies in the text."""

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Statement:
    """One statement; `text` is what was written, without the semicolon."""

    text: str
    tokens: tuple[Token, ...] = field(repr=False)

    def words(self, count: int) -> tuple[str, ...]:
        """Return the first so many tokens, quoted names and strings as they are written."""
        return tuple(token.value for token in self.tokens[:count])

    def has(self, *words: str) -> bool:
        """Tell whether these words stand in the statement, one right after the other."""
        values = [token.value if token.kind == "word" else "" for token in self.tokens]
        return any(
            tuple(values[place : place + len(words)]) == words
            for place in range(len(values) - len(words) + 1)
        )

    def excerpt(self, length: int = 70) -> str:
        """Return the beginning on one line."""
        line = " ".join(self.text.split())
        return line if len(line) <= length else line[: length - 1] + "…"


def split(sql: str) -> list[Statement]:
    """Return the statements of a text."""
    statements: list[Statement] = []
    tokens: list[Token] = []
    for token in _tokens(sql):
        if token.value == ";" and token.kind == "mark":
            if tokens:
                statements.append(_statement(sql, tokens))
            tokens = []
        else:
            tokens.append(token)
    if tokens:
        statements.append(_statement(sql, tokens))
    return statements


def _statement(sql: str, tokens: list[Token]) -> Statement:
    start = tokens[0].start
    moved = (Token(token.kind, token.value, token.start - start, token.end - start) for token in tokens)
    return Statement(sql[start : tokens[-1].end], tuple(moved))


def _tokens(sql: str) -> Iterator[Token]:
    place = 0
    while place < len(sql):
        match = TOKEN.match(sql, place)
        assert match is not None
        kind, end = str(match.lastgroup), match.end()
        if kind == "comment":
            place = _end_of_comment(sql, place)
            continue
        if kind == "dollar":
            closing = sql.find(match[0], end)
            end = len(sql) if closing < 0 else closing + len(match[0])
            kind = "string"
        if kind != "space":
            value = sql[place:end]
            yield Token(kind, value.upper() if kind == "word" else value, place, end)
        place = end


def _end_of_comment(sql: str, place: int) -> int:
    """Return where a comment ends; PostgreSQL's may lie within each other."""
    depth = 0
    for match in re.finditer(r"/\*|\*/", sql[place:]):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return place + match.end()
    return len(sql)


class Reader:
    """Walks through a statement's tokens from left to right."""

    def __init__(self, statement: Statement, skip: int = 0) -> None:
        self.statement = statement
        self.tokens = statement.tokens
        self.place = skip

    def peek(self) -> str:
        """Return the next token's value, empty at the end."""
        return self.tokens[self.place].value if self.place < len(self.tokens) else ""

    def accept(self, *words: str) -> bool:
        """Step over these words if they come next."""
        following = self.tokens[self.place : self.place + len(words)]
        if tuple(token.value for token in following) != words:
            return False
        self.place += len(words)
        return True

    def name(self) -> str:
        """Step over a name, its schema included, and return it as it is written; empty at the end."""
        if self.at_end():
            return ""
        start = self.tokens[self.place].start
        self.place += 1
        while self.accept("."):
            self.place += 1
        return self.statement.text[start : self.tokens[self.place - 1].end]

    def until(self, *words: str) -> str:
        """Step to the first of these words outside of brackets, or to the end; return what lay before."""
        first, depth = self.place, 0
        while self.place < len(self.tokens):
            value = self.tokens[self.place].value
            if depth == 0 and value in words:
                break
            depth += (value in "([") - (value in ")]") if len(value) == 1 else 0
            self.place += 1
        if first == self.place:
            return ""
        return self.statement.text[self.tokens[first].start : self.tokens[self.place - 1].end]

    def at_end(self) -> bool:
        """Tell whether nothing is left."""
        return self.place >= len(self.tokens)
