"""Things for the way and for the open air."""

from marketplace.sample_data.drawings.easel import Easel


def bicycle(e: Easel) -> None:
    e.shadow(14, 82)
    for x in (28, 68):
        e.spokes(x, 45, 11, 10, "#98a3a6", 0.35)
        e.ring(x, 45, 27, e.palette.dark, 1.9)
    frame = e.palette.main
    e.line(frame, 2, (28, 45), (40, 27), (62, 27), (46, 45), (28, 45))
    e.line(frame, 2, (40, 27), (46, 45))
    e.line(frame, 2, (68, 45), (61, 20))
    e.line(e.palette.dark, 2, (61, 20), (68, 18))
    e.line(frame, 1.6, (40, 27), (38.6, 23))
    e.box(33, 20.5, 44, 23.5, e.palette.dark, 1.4)
    e.oval(46, 45, 6, e.palette.accent)


def wheel(e: Easel) -> None:
    e.shadow(26, 70)
    e.spokes(48, 34, 21, 16, "#98a3a6", 0.5)
    e.ring(48, 34, 48, e.palette.dark, 3.6)
    e.ring(48, 34, 40.8, e.palette.main, 1.6)
    e.oval(48, 34, 8, e.palette.accent)


def trailer(e: Easel) -> None:
    e.shadow(18, 74)
    e.line(e.palette.dark, 2, (20, 50), (6, 54))
    e.shape(e.palette.main, (22, 50), (28, 18), (66, 18), (76, 50))
    e.shape(e.palette.light, (32, 24), (50, 24), (50, 40), (29, 40))
    e.box(20, 46, 77, 51, e.palette.second, 2)
    e.spokes(56, 48, 9, 8, "#98a3a6", 0.5)
    e.ring(56, 48, 21, e.palette.dark, 2.2)


def tent(e: Easel) -> None:
    e.shadow(10, 86)
    e.line(e.palette.dark, 0.6, (48, 14), (8, 58))
    e.line(e.palette.dark, 0.6, (48, 14), (88, 58))
    e.shape(e.palette.main, (48, 14), (80, 58), (16, 58))
    e.shape(e.palette.second, (48, 14), (80, 58), (62, 58))
    e.shape(e.palette.dark, (44, 28), (54, 58), (34, 58))
    e.shape(e.palette.accent, (44, 28), (34, 58), (30, 58))


def sleeping_bag(e: Easel) -> None:
    e.shadow(18, 78)
    e.box(18, 34, 70, 58, e.palette.main, 11)
    e.oval(70, 46, 22, e.palette.second, 24)
    for across in (16, 9):
        e.ring(70, 46, across, e.palette.light, 1)
    for x in (28, 50):
        e.box(x, 34, x + 4, 58, e.palette.dark)


def stove(e: Easel) -> None:
    e.shadow(26, 70)
    e.box(36, 44, 60, 58, e.palette.second, 3)
    e.box(34, 40, 62, 43, e.palette.dark, 1)
    for x in (40, 48, 56):
        e.shape("#e5a93c", (x - 2.6, 40), (x + 2.6, 40), (x, 32))
        e.shape("#c9512f", (x - 1.2, 40), (x + 1.2, 40), (x, 36))
    e.box(30, 18, 66, 34, e.palette.main, 2)
    e.line(e.palette.dark, 2.4, (66, 22), (84, 20))
    e.oval(48, 18, 36, e.palette.light, 6)


def rucksack(e: Easel) -> None:
    e.shadow(28, 68)
    e.box(36, 10, 60, 20, e.palette.accent, 5)
    e.box(30, 16, 66, 58, e.palette.main, 8)
    e.box(34, 36, 62, 54, e.palette.second, 3)
    e.box(30, 16, 66, 30, e.palette.second, 6)
    for x in (39, 54):
        e.box(x, 22, x + 3, 42, e.palette.dark, 0.6)
        e.box(x - 0.6, 32, x + 3.6, 35, e.palette.accent)


def ball(e: Easel) -> None:
    e.shadow(28, 68)
    e.oval(48, 37, 42, e.palette.light)
    e.shape(e.palette.dark, (48, 28), (56, 34), (53, 43), (43, 43), (40, 34))
    patches = ((48, 18.6, 11, 5), (66.6, 31, 5, 10), (59, 52.4, 9, 7), (37, 52.4, 9, 7), (29.4, 31, 5, 10))
    for x, y, across, high in patches:
        e.oval(x, y, across, e.palette.dark, high)
    corners = ((48, 28), (56, 34), (53, 43), (43, 43), (40, 34))
    for corner, end in zip(corners, ((48, 20), (63, 32), (58, 50), (38, 50), (33, 32)), strict=True):
        e.line(e.palette.dark, 0.8, corner, end)
    e.ring(48, 37, 42, e.palette.dark, 0.7)


def racket(e: Easel) -> None:
    e.shadow(24, 74)
    e.line("#b98a52", 3.4, (46, 38), (30, 56))
    for offset in range(-8, 9, 4):
        e.line(e.palette.light, 0.5, (56 + offset, 15), (56 + offset, 37))
        e.line(e.palette.light, 0.5, (46, 26 + offset), (66, 26 + offset))
    e.ring(56, 26, 28, e.palette.main, 2.4)
    e.oval(72, 52, 11, "#d8df4a")
    e.arc(68, 52, 11, 300, 60, e.palette.light, 0.8)


def skis(e: Easel) -> None:
    e.shadow(26, 70)
    for x, colour in ((36, e.palette.main), (46, e.palette.main)):
        e.box(x, 8, x + 5, 58, colour, 2.4)
        e.box(x, 20, x + 5, 24, e.palette.light)
        e.box(x - 0.6, 34, x + 5.6, 42, e.palette.dark, 1)
    for x in (58, 66):
        e.line("#98a3a6", 1.2, (x, 14), (x, 57))
        e.box(x - 1.4, 11, x + 1.4, 19, e.palette.dark, 1)
        e.oval(x, 53, 5, e.palette.accent, 1.8)


def boat(e: Easel) -> None:
    e.box(0, 48, 96, 72, "#7fc4be")
    e.line("#b98a52", 1.6, (48, 6), (48, 46))
    e.shape(e.palette.light, (50, 8), (50, 40), (74, 40))
    e.shape(e.palette.accent, (46, 14), (46, 40), (30, 40))
    e.shape(e.palette.main, (20, 44), (78, 44), (68, 56), (28, 56))
    for x in range(6, 90, 16):
        e.arc(x + 4, 60, 9, 200, 340, e.palette.light, 0.9)


def weights(e: Easel) -> None:
    e.shadow(12, 84)
    e.box(20, 42, 76, 45, "#98a3a6", 1)
    for x, tall in ((22, 24), (28, 18), (62, 18), (68, 24)):
        colour = e.palette.main if tall == 24 else e.palette.second
        e.box(x, 43.5 - tall / 2, x + 5, 43.5 + tall / 2, colour, 1.6)


def parcel(e: Easel) -> None:
    e.shadow(20, 76)
    e.shape("#c79a62", (20, 26), (76, 26), (76, 58), (20, 58))
    e.shape("#d9b483", (20, 26), (76, 26), (68, 18), (28, 18))
    e.box(44, 26, 52, 58, e.palette.main)
    e.shape(e.palette.main, (44, 26), (52, 26), (51, 18), (45, 18))
    e.box(24, 44, 38, 54, e.palette.light, 0.6)
    e.line(e.palette.dark, 0.6, (26, 47), (36, 47))
    e.line(e.palette.dark, 0.6, (26, 50), (33, 50))
