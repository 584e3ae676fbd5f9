"""Things from the shed and the garden."""

from marketplace.sample_data.drawings.easel import Easel


def hammer(e: Easel) -> None:
    e.shadow(24, 74)
    e.line(e.pick("#b98a52", "#a5743d"), 4.5, (30, 55), (58, 24))
    e.shape(e.palette.dark, (46, 18), (54, 11), (70, 25), (62, 32))
    e.shape(e.palette.dark, (46, 18), (54, 11), (46, 8), (38, 13))
    e.line(e.palette.main, 5.5, (30, 55), (38, 46))


def saw(e: Easel) -> None:
    e.shadow(16, 82)
    e.shape("#b9c2c4", (36, 34), (82, 46), (82, 51), (36, 55))
    for x in range(36, 80, 4):
        drop = 55 - (x - 36) * 0.085
        e.shape("#b9c2c4", (x, drop - 0.4), (x + 4, drop - 0.7), (x + 2, drop + 2.6))
    e.shape(e.palette.main, (14, 32), (38, 30), (38, 57), (20, 57))
    e.oval(27, 44, 13, e.palette.floor, 10)
    e.oval(34, 35, 2, e.palette.dark)


def drill(e: Easel) -> None:
    e.shadow(28, 66)
    e.shape(e.palette.dark, (34, 34), (46, 34), (42, 54), (30, 54))
    e.box(26, 50, 48, 58, e.palette.dark, 2)
    e.box(24, 20, 62, 36, e.palette.main, 5)
    e.box(28, 24, 44, 28, e.palette.light, 1)
    e.shape(e.palette.dark, (62, 23), (70, 25), (70, 31), (62, 33))
    e.line("#98a3a6", 1.8, (70, 28), (84, 28))
    e.box(44, 36, 48, 42, e.palette.accent, 1)


def toolbox(e: Easel) -> None:
    e.shadow(18, 78)
    e.line(e.palette.dark, 2.6, (36, 36), (36, 25), (60, 25), (60, 36))
    e.box(18, 34, 78, 58, e.palette.main, 2)
    e.box(18, 34, 78, 42, e.palette.second, 2)
    for x in (28, 64):
        e.box(x, 39, x + 5, 46, e.palette.accent, 1)


def ladder(e: Easel) -> None:
    e.shadow(28, 70)
    for x in (28, 48):
        e.line(e.palette.second, 2.4, (x + 6, 8), (x, 58))
    for step in range(6):
        y, x = 14 + step * 8, 33 - step
        e.line(e.palette.accent, 2, (x + 1, y), (x + 20, y))
    e.box(60, 46, 74, 58, e.palette.main, 1)
    e.box(59, 44, 75, 47, e.palette.light, 1)
    e.line(e.palette.dark, 0.8, (60, 44), (67, 36), (74, 44))


def plant(e: Easel) -> None:
    e.shadow(34, 62)
    for x, y, wide, high in (
        (36, 26, 10, 22),
        (60, 24, 10, 24),
        (48, 17, 11, 28),
        (41, 36, 9, 16),
        (56, 36, 9, 16),
    ):
        e.line("#466a3a", 1, (48, 44), (x, y))
        e.oval(x, y, wide, e.pick("#5b7f4a", "#6f9a5b", "#4d7340"), high)
    e.shape(e.palette.main, (34, 42), (62, 42), (58, 58), (38, 58))
    e.box(32, 40, 64, 45, e.palette.main, 1)
    e.box(36, 48, 60, 51, e.palette.light)


def watering_can(e: Easel) -> None:
    e.shadow(22, 74)
    e.line(e.palette.main, 3, (60, 52), (78, 28))
    e.shape(e.palette.main, (72, 24), (84, 30), (80, 35), (70, 29))
    e.ring(34, 38, 26, e.palette.second, 3)
    e.shape(e.palette.main, (36, 32), (60, 32), (63, 58), (33, 58))
    e.box(36, 29, 60, 33, e.palette.second, 1)
    e.box(34, 42, 62, 45, e.palette.light)


def spade(e: Easel) -> None:
    e.shadow(28, 72)
    e.line("#b98a52", 3, (40, 14), (40, 44))
    e.line(e.palette.dark, 3, (34, 12), (46, 12))
    e.shape(e.palette.second, (32, 40), (48, 40), (48, 52), (40, 60), (32, 52))
    e.line("#b98a52", 3, (62, 12), (62, 44))
    e.box(52, 42, 72, 46, e.palette.main, 1)
    for x in (54, 59, 65, 70):
        e.line(e.palette.main, 2, (x, 46), (x, 57))


def bench(e: Easel) -> None:
    e.shadow(16, 80)
    for x in (22, 70):
        e.box(x, 34, x + 4, 58, e.palette.dark, 1)
    for y in (22, 28, 34):
        e.box(16, y, 80, y + 4, e.palette.main, 1)
    e.box(14, 41, 82, 46, e.palette.main, 1)
    e.box(56, 33, 68, 41, e.palette.accent, 2)
