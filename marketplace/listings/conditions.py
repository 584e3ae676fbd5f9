"""The conditions that a thing can be in, in words."""

CONDITION_WORDS = {
    "new": "New",
    "like_new": "Like new",
    "good": "Good",
    "worn": "Worn",
    "broken": "Broken, or for parts",
}
