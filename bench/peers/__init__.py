"""A category's and a listing's page on other frameworks, over the same tables; nothing else needs them.

They do less than the site's own: there is no filter beside the results, nothing to search with, and
similar listings are simply the newest of the category. They have the virtual environment that
`environment.py` makes from requirements.txt, and import nothing of the site.
"""
