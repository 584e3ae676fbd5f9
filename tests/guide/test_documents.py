"""The reader of documents reads what it says it reads."""

from pathlib import Path

import pytest

from tests.guide.documents import output_matches, read_blocks

DOCUMENT = """# Guide

## First

```bash
flask db current
```

```text
cbfc66708806 (head)
```

Words part a block from a `text` block that is not its output.

<!-- given: two heads -->
```bash
flask db heads
```

As said.

```text
an example
```

### Second

<!-- not run: it needs a second machine -->
```sql
SELECT 1;
```

1. Indented as its step is.

   <!-- exits: 1 -->
   ```bash
   if true; then
     false
   fi
   ```

   ```text
   nothing
   ```
"""


def test_blocks_are_read_with_their_output_and_notes(tmp_path: Path) -> None:
    file = tmp_path / "GUIDE.md"
    file.write_text(DOCUMENT, encoding="utf-8")
    first, second, third, fourth = read_blocks(file)
    assert (first.commands, first.output, first.section) == (
        "flask db current",
        "cbfc66708806 (head)",
        "First",
    )
    assert (second.output, second.given) == (None, "two heads")
    assert (third.language, third.not_run, third.section) == ("sql", "it needs a second machine", "Second")
    assert fourth.commands == "if true; then\n  false\nfi"
    assert (first.exits, fourth.exits, fourth.output) == (0, 1, "nothing")
    assert str(first) == "GUIDE.md:5"


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("Already at head", "Already at head\n"),
        ("Upgraded: 2 migrations, 0.4 s", "Upgraded: 2 migrations, 12 s"),
        ("Backup kula-….dump", "Backup kula-20260102-1.dump"),
        ("kula_20260102T030405Z, 1.2 MB", "kula_20271231T235959Z, 900 kB"),
        ("at 2026-01-02 03:04 UTC", "at 2027-12-31 23:59 UTC"),
        ("users     12", "users 12"),
        ("Restored", "Reading the file …\nRestored"),
        ("first\n…\nlast", "first\nlast"),
        ("first\n…\nlast", "first\none\ntwo\nlast"),
    ],
)
def test_outputs_that_match(shown: str, printed: str) -> None:
    assert output_matches(shown, printed)


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("Already at head", "Already at base"),
        ("Already at head", "Already at head\nand more"),
        ("Upgraded: 2 migrations, 0.4 s", "Upgraded: 3 migrations, 0.4 s"),
        ("first\n…\nlast", "first\none"),
        ("a … b", "a\nb"),
    ],
)
def test_outputs_that_do_not_match(shown: str, printed: str) -> None:
    assert not output_matches(shown, printed)
