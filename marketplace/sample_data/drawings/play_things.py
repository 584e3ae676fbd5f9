"""Things to play with, to listen to and to make things with."""

from marketplace.sample_data.drawings.easel import Easel


def dice(e: Easel) -> None:
    e.shadow(18, 78)
    for left, top, across, colour, pips in (
        (20, 30, 28, e.palette.main, ((0.25, 0.25), (0.5, 0.5), (0.75, 0.75))),
        (54, 36, 22, e.palette.light, ((0.28, 0.28), (0.72, 0.28), (0.28, 0.72), (0.72, 0.72))),
    ):
        e.box(left, top, left + across, top + across, colour, 4)
        pip = e.palette.light if colour == e.palette.main else e.palette.dark
        for x, y in pips:
            e.oval(left + x * across, top + y * across, across * 0.16, pip)
    e.shape(e.palette.second, (46, 58), (58, 58), (54, 40), (50, 40))
    e.oval(52, 36, 9, e.palette.second)


def controller(e: Easel) -> None:
    e.shadow(20, 76)
    e.oval(26, 46, 20, e.palette.main, 26)
    e.oval(70, 46, 20, e.palette.main, 26)
    e.box(20, 30, 76, 50, e.palette.main, 8)
    e.box(27, 38, 39, 41, e.palette.dark, 1)
    e.box(31.5, 33.5, 34.5, 45.5, e.palette.dark, 1)
    for x, y, colour in (
        (66, 35, "#b5332a"),
        (71, 40, e.palette.accent),
        (61, 40, e.palette.light),
        (66, 45, "#5b7f4a"),
    ):
        e.oval(x, y, 4.2, colour)
    for x in (41, 55):
        e.oval(x, 49, 8, e.palette.dark)


def blocks(e: Easel) -> None:
    e.shadow(18, 78)
    e.box(20, 42, 36, 58, e.palette.main, 1.5)
    e.box(38, 42, 54, 58, e.palette.second, 1.5)
    e.box(56, 42, 76, 58, e.palette.accent, 1.5)
    e.pie(66, 58, 12, 180, 360, e.palette.floor)
    e.box(29, 26, 45, 42, e.palette.accent, 1.5)
    e.oval(37, 34, 8, e.palette.light)
    e.shape(e.palette.main, (50, 42), (66, 42), (58, 27))
    e.shape("#b5332a", (28, 26), (46, 26), (37, 12))


def bear(e: Easel) -> None:
    fur = e.pick("#b98a52", "#8a5a33", "#d0a878")
    e.shadow(28, 68)
    for x in (37, 59):
        e.oval(x, 17, 12, fur)
        e.oval(x, 17, 6, e.palette.glow)
    for x, y in ((30, 42), (66, 42), (36, 56), (60, 56)):
        e.oval(x, y, 14, fur)
    e.oval(48, 46, 32, fur, 28)
    e.oval(48, 48, 18, e.palette.glow, 17)
    e.oval(48, 25, 28, fur, 25)
    e.oval(48, 30, 12, e.palette.glow, 9)
    for x, y, across in ((42, 23, 2.6), (54, 23, 2.6), (48, 28, 3.6)):
        e.oval(x, y, across, e.palette.dark)
    e.shape(e.palette.main, (48, 37), (38, 33), (38, 41))
    e.shape(e.palette.main, (48, 37), (58, 33), (58, 41))


def pram(e: Easel) -> None:
    e.shadow(22, 74)
    e.line(e.palette.dark, 2, (66, 36), (80, 18))
    e.pie(46, 32, 48, 0, 180, e.palette.main)
    e.pie(46, 32, 48, 180, 290, e.palette.second)
    for x in (32, 60):
        e.ring(x, 52, 13, e.palette.dark, 2)
        e.spokes(x, 52, 5, 6, e.palette.dark, 0.5)


def laptop(e: Easel) -> None:
    e.shadow(12, 84)
    e.box(24, 16, 72, 50, e.palette.dark, 2.5)
    e.box(27, 19, 69, 46, e.palette.main)
    e.oval(60, 27, 9, e.palette.accent)
    e.shape(e.palette.second, (27, 46), (42, 30), (56, 46))
    e.shape(e.palette.light, (46, 46), (57, 36), (69, 46))
    e.shape("#b9c2c4", (24, 50), (72, 50), (82, 58), (14, 58))
    e.shape("#98a3a6", (42, 55), (54, 55), (56, 58), (40, 58))


def camera(e: Easel) -> None:
    e.shadow(18, 78)
    e.box(36, 20, 58, 30, e.palette.dark, 2)
    e.box(18, 26, 78, 58, e.palette.dark, 4)
    e.box(18, 34, 78, 50, e.palette.main)
    e.oval(48, 42, 28, e.palette.dark)
    e.oval(48, 42, 21, "#3d6f86")
    e.oval(48, 42, 12, "#1d3b4a")
    e.oval(44, 38, 5, e.palette.light)
    e.box(64, 28, 73, 32, e.palette.light, 1)
    e.oval(26, 25, 8, e.palette.accent, 4)


def speaker(e: Easel) -> None:
    e.shadow(18, 78)
    for left, top in ((20, 14), (54, 14)):
        e.box(left, top, left + 22, 58, e.palette.main, 2)
        e.oval(left + 11, top + 11, 11, e.palette.dark)
        e.oval(left + 11, top + 11, 5, e.palette.light)
        e.oval(left + 11, top + 30, 18, e.palette.dark)
        e.oval(left + 11, top + 30, 11, e.palette.second)
        e.oval(left + 11, top + 30, 4, e.palette.dark)


def guitar(e: Easel) -> None:
    e.shadow(32, 62)
    e.box(45.5, 6, 50.5, 34, "#6b4226")
    e.box(44, 3, 52, 11, e.palette.dark, 1)
    e.oval(48, 32, 22, e.palette.main, 20)
    e.oval(48, 47, 30, e.palette.main, 24)
    e.oval(48, 38, 9, e.palette.dark)
    e.box(41, 49, 55, 52, e.palette.dark, 1)
    for x in (46.6, 48, 49.4):
        e.line(e.palette.light, 0.35, (x, 8), (x, 50))


def drum(e: Easel) -> None:
    e.shadow(20, 76)
    e.oval(48, 54, 52, e.palette.main, 12)
    e.box(22, 30, 74, 54, e.palette.main)
    for x in range(24, 72, 12):
        e.line(e.palette.accent, 1.2, (x, 33), (x + 6, 56), (x + 12, 33))
    e.oval(48, 30, 52, e.palette.light, 13)
    e.line("#b98a52", 1.8, (30, 8), (50, 27))
    e.line("#b98a52", 1.8, (70, 8), (54, 28))
    e.oval(51, 28, 4, "#8a5a33")
    e.oval(53, 29, 4, "#8a5a33")


def keyboard(e: Easel) -> None:
    e.shadow(12, 84)
    e.line(e.palette.dark, 2, (24, 58), (72, 42))
    e.line(e.palette.dark, 2, (72, 58), (24, 42))
    e.box(10, 26, 86, 44, e.palette.main, 2)
    e.box(14, 33, 82, 43, e.palette.light)
    for number in range(1, 17):
        x = 14 + number * 4
        e.line(e.palette.dark, 0.3, (x, 33), (x, 43))
        if number % 7 not in (0, 3):
            e.box(x - 1.2, 33, x + 1.2, 39, e.palette.dark)


def spools(e: Easel) -> None:
    e.shadow(16, 80)
    for x, colour in ((20, e.palette.main), (40, e.palette.second), (60, e.palette.accent)):
        e.box(x, 28, x + 16, 32, "#b98a52", 1)
        e.box(x, 54, x + 16, 58, "#b98a52", 1)
        e.box(x + 2, 32, x + 14, 54, colour)
        for y in range(34, 54, 3):
            e.line(e.palette.glow, 0.35, (x + 2.4, y), (x + 13.6, y + 1))
    e.line("#98a3a6", 1, (70, 10), (84, 34))
    e.line(e.palette.accent, 0.6, (70, 40), (64, 22), (70, 10))


def paints(e: Easel) -> None:
    e.shadow(16, 80)
    e.oval(42, 42, 52, "#d0a878", 34)
    e.oval(56, 50, 9, e.palette.floor, 7)
    for x, y, colour in (
        (26, 40, "#b5332a"),
        (34, 31, e.palette.accent),
        (46, 29, "#5b7f4a"),
        (58, 34, "#0a666a"),
        (30, 50, "#3c4fa0"),
    ):
        e.oval(x, y, 7.5, colour, 6)
    e.line("#8a5a33", 1.8, (88, 14), (70, 36))
    e.shape(e.palette.dark, (71, 32), (75, 36), (64, 44))


def balloons(e: Easel) -> None:
    for x, y, colour in ((32, 22, e.palette.main), (62, 20, e.palette.second), (47, 14, e.palette.accent)):
        e.line(e.palette.dark, 0.5, (x, y + 11), (48, 56))
        e.oval(x, y, 21, colour, 25)
        e.oval(x - 4, y - 5, 4, e.palette.light, 6)
        e.shape(colour, (x - 2, y + 14.4), (x + 2, y + 14.4), (x, y + 11.6))
    e.box(42, 50, 54, 60, e.palette.main, 1)
    e.box(47, 50, 49, 60, e.palette.light)


def hat(e: Easel) -> None:
    e.shadow(26, 70)
    e.shape(e.palette.main, (30, 56), (66, 56), (50, 10))
    for y in (22, 33, 44):
        half = (y - 10) * 0.37
        e.line(e.palette.accent, 2.2, (50 - half * 1.1, y + 2), (50 + half * 0.9, y - 1))
    e.oval(50, 10, 9, e.palette.light)
    e.box(26, 54, 70, 59, e.palette.second, 2)
