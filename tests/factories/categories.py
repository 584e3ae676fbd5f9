"""Categories for tests."""

from typing import Any

from marketplace.categories.models import Category, FormerPath
from tests.factories.base import Factory


class CategoryFactory(Factory):
    """Makes categories, as roots or below a parent."""

    def category(self, parent: Category | None = None, **values: Any) -> Category:
        """Save a category."""
        number = self.number()
        defaults = {
            "parent_id": parent.id if parent else None,
            "level": parent.level + 1 if parent else 1,
            "name": f"Category {number}",
            "slug": f"category-{number}",
            "position": number,
        }
        category: Category = self.saved(Category(**(defaults | values)))
        return category

    def former_path(self, category: Category, path: str) -> FormerPath:
        """Save a path at which `category` was before."""
        former: FormerPath = self.saved(FormerPath(path=path, category_id=category.id))
        return former
