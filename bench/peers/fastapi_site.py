"""The pages on FastAPI with SQLAlchemy's ORM and Jinja2: `uvicorn bench.peers.fastapi_site:app`."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from sqlalchemy import ForeignKey, Select, and_, column, create_engine, func, or_, select, table
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
    sessionmaker,
)

from bench.peers.shown import CARDS, SIMILAR, Categories, category_page, listing_page

url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://")
new_session = sessionmaker(create_engine(url, pool_size=20))
templates = Jinja2Templates(Path(__file__).parent / "templates")
app = FastAPI()


class Base(DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)


class User(Base):
    __tablename__ = "users"
    username: Mapped[str]
    created_at: Mapped[datetime]


class Category(Base):
    __tablename__ = "categories"
    parent_id: Mapped[int | None]
    name: Mapped[str]
    slug: Mapped[str]
    level: Mapped[int]
    position: Mapped[int]
    is_active: Mapped[bool]


class Listing(Base):
    __tablename__ = "listings"
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    category_id: Mapped[int]
    title: Mapped[str]
    description: Mapped[str]
    area: Mapped[str | None]
    status: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    owner: Mapped[User] = relationship()
    items: Mapped[list["Item"]] = relationship(order_by="Item.id")


class Item(Base):
    __tablename__ = "listing_items"
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"))
    kind: Mapped[str]
    name: Mapped[str]
    description: Mapped[str]
    exchange_type: Mapped[str]
    duration_days: Mapped[int | None]
    value: Mapped[int | None]
    condition: Mapped[str | None]
    pictures: Mapped[list["Picture"]] = relationship(order_by="Picture.position")


class Picture(Base):
    __tablename__ = "pictures"
    item_id: Mapped[int] = mapped_column(ForeignKey("listing_items.id"))
    key: Mapped[str]
    position: Mapped[int]
    alt: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]


COUNTS = table("category_counts", column("category_id"), column("entries"))
COUNT_BY_CATEGORY = select(COUNTS.c.category_id, func.sum(COUNTS.c.entries)).group_by(COUNTS.c.category_id)


IS_SHOWN = and_(
    Listing.status == "active", or_(Listing.expires_at.is_(None), Listing.expires_at > func.now())
)


def shown() -> Select[Any]:
    """Return the listings that everybody may see, newest first, with all that a card needs."""
    return (
        select(Listing)
        .where(IS_SHOWN)
        .options(
            joinedload(Listing.owner, innerjoin=True),
            selectinload(Listing.items).selectinload(Item.pictures),
        )
        .order_by(Listing.created_at.desc(), Listing.id.desc())
    )


def items_of(listing: Any) -> list[Any]:
    """Return the items with their pictures."""
    return [(item, item.pictures) for item in listing.items]


def read_categories(session: Session) -> Categories:
    """Read the tree."""
    statement = select(Category).where(Category.is_active)
    return Categories(session.scalars(statement.order_by(Category.level, Category.position, Category.name)))


@app.get("/categories/{slugs:path}", response_class=HTMLResponse)
def category(request: Request, slugs: str) -> Any:
    """The newest listings of a category and of all below it."""
    with new_session() as session:
        categories = read_categories(session)
        found = categories.find(slugs)
        if found is None:
            raise HTTPException(404)
        counts = dict(session.execute(COUNT_BY_CATEGORY).all())
        newest = shown().where(Listing.category_id.in_(categories.ids_below(found))).limit(CARDS + 1)
        page = category_page(categories, found, counts, session.scalars(newest).all(), items_of)
        return templates.TemplateResponse(request, "category.html", page)


@app.get("/listings/{listing_id}", response_class=HTMLResponse)
def listing(request: Request, listing_id: int) -> Any:
    """A listing with its items, and others of its category."""
    with new_session() as session:
        found = session.scalar(shown().where(Listing.id == listing_id))
        if found is None:
            raise HTTPException(404)
        similar = shown().where(Listing.category_id == found.category_id, Listing.id != listing_id)
        others = session.scalars(similar.limit(SIMILAR)).all()
        theirs = select(func.count()).select_from(Listing).where(IS_SHOWN, Listing.owner_id == found.owner_id)
        owners = session.scalar(theirs) or 0
        page = listing_page(read_categories(session), found, others, items_of, owners)
        return templates.TemplateResponse(request, "listing.html", page)
