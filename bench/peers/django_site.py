"""The pages on Django: `gunicorn bench.peers.django_site:app`, with ENGINE as django or jinja2."""

import os
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from psycopg2.extensions import parse_dsn

from bench.peers.shown import CARDS, SIMILAR, Categories, category_page, listing_page

database = parse_dsn(os.environ["DATABASE_URL"])
engine = os.environ["ENGINE"]
settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    SECRET_KEY=os.environ["SECRET_KEY"],
    USE_TZ=True,
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": database["dbname"],
            "USER": database.get("user", ""),
            "PASSWORD": database.get("password", ""),
            "HOST": database.get("host", ""),
            "PORT": database.get("port", ""),
            "CONN_MAX_AGE": None,
        }
    },
    TEMPLATES=[
        {
            "BACKEND": f"django.template.backends.{engine}."
            + ("Jinja2" if engine == "jinja2" else "DjangoTemplates"),
            "DIRS": [Path(__file__).parent / "templates"],
        }
    ],
)
django.setup()

from django.db import models  # noqa: E402 - it wants the settings.
from django.db.models import F, Q, Sum  # noqa: E402
from django.db.models.functions import Now  # noqa: E402


class Table(models.Model):
    """A table that is there already."""

    class Meta:
        abstract = True
        managed = False
        app_label = "peers"


class User(Table):
    username = models.TextField()
    created_at = models.DateTimeField()

    class Meta(Table.Meta):
        db_table = "users"


class Category(Table):
    parent_id = models.BigIntegerField(null=True)
    name = models.TextField()
    slug = models.TextField()
    level = models.SmallIntegerField()
    position = models.IntegerField()
    is_active = models.BooleanField()

    class Meta(Table.Meta):
        db_table = "categories"


class CategoryCount(Table):
    pk = models.CompositePrimaryKey("category_id", "slot")
    category_id = models.BigIntegerField()
    slot = models.IntegerField()
    entries = models.BigIntegerField()

    class Meta(Table.Meta):
        db_table = "category_counts"


class Listing(Table):
    owner = models.ForeignKey(User, models.CASCADE)
    category_id = models.BigIntegerField()
    title = models.TextField()
    description = models.TextField()
    area = models.TextField(null=True)
    status = models.TextField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    class Meta(Table.Meta):
        db_table = "listings"


class Item(Table):
    listing = models.ForeignKey(Listing, models.CASCADE, related_name="items")
    kind = models.TextField()
    name = models.TextField()
    description = models.TextField()
    exchange_type = models.TextField()
    duration_days = models.SmallIntegerField(null=True)
    value = models.IntegerField(null=True)
    condition = models.TextField(null=True)

    class Meta(Table.Meta):
        db_table = "listing_items"
        ordering = ("id",)


class Picture(Table):
    item = models.ForeignKey(Item, models.CASCADE, related_name="pictures")
    key = models.TextField()
    position = models.SmallIntegerField()
    alt = models.TextField()
    width = models.IntegerField()
    height = models.IntegerField()

    class Meta(Table.Meta):
        db_table = "pictures"
        ordering = ("position",)


def shown() -> Any:
    """Return the listings that everybody may see, newest first, with all that a card needs."""
    return (
        Listing.objects.filter(Q(expires_at=None) | Q(expires_at__gt=Now()), status="active")
        .select_related("owner")
        .prefetch_related("items__pictures")
        .order_by(F("created_at").desc(), F("id").desc())
    )


def items_of(listing: Any) -> list[Any]:
    """Return the items with their pictures."""
    return [(item, list(item.pictures.all())) for item in listing.items.all()]


def read_categories() -> Categories:
    """Read the tree."""
    return Categories(Category.objects.filter(is_active=True).order_by("level", "position", "name"))


def category(request: HttpRequest, slugs: str) -> HttpResponse:
    """The newest listings of a category and of all below it."""
    categories = read_categories()
    found = categories.find(slugs)
    if found is None:
        raise Http404
    counts = dict(CategoryCount.objects.values_list("category_id").annotate(Sum("entries")))
    listings = list(shown().filter(category_id__in=categories.ids_below(found))[: CARDS + 1])
    return render(request, "category.html", category_page(categories, found, counts, listings, items_of))


def listing(request: HttpRequest, listing_id: int) -> HttpResponse:
    """A listing with its items, and others of its category."""
    found = shown().filter(id=listing_id).first()
    if found is None:
        raise Http404
    similar = shown().filter(category_id=found.category_id).exclude(id=listing_id)[:SIMILAR]
    owners = shown().filter(owner_id=found.owner_id).count()
    page = listing_page(read_categories(), found, list(similar), items_of, owners)
    return render(request, "listing.html", page)


urlpatterns = [path("categories/<path:slugs>", category), path("listings/<int:listing_id>", listing)]
app = get_wsgi_application()
