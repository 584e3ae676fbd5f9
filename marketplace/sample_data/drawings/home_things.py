"""Things from the kitchen, the living room and the wardrobe."""

from marketplace.sample_data.drawings.easel import Easel


def pot(e: Easel) -> None:
    e.shadow(24, 72)
    e.box(18, 36, 78, 40, e.palette.dark, 2)
    e.box(26, 30, 70, 58, e.palette.main, 5)
    e.oval(48, 30, 46, e.palette.second, 8)
    e.oval(48, 24, 7, e.palette.dark, 6)
    for x in (40, 50, 58):
        e.line(e.palette.light, 1.4, (x, 18), (x - 2, 13), (x + 1, 8))


def kettle(e: Easel) -> None:
    e.shadow(26, 72)
    e.arc(46, 30, 34, 190, 350, e.palette.dark, 3)
    e.shape(e.palette.main, (62, 44), (80, 28), (83, 32), (66, 54))
    e.oval(46, 44, 42, e.palette.main, 32)
    e.box(27, 50, 65, 58, e.palette.main, 2)
    e.oval(46, 28, 14, e.palette.second, 6)
    e.oval(46, 24, 4, e.palette.dark)


def cup(e: Easel) -> None:
    e.shadow(22, 74)
    e.ring(62, 42, 20, e.palette.main, 3.4)
    e.shape(e.palette.main, (30, 30), (62, 30), (58, 56), (34, 56))
    e.oval(46, 30, 32, e.palette.light, 7)
    e.oval(46, 30.6, 27, "#6b4226", 5)
    e.box(33, 40, 59.4, 44, e.palette.second)
    e.oval(46, 58, 48, e.palette.light, 5)
    for x in (41, 50):
        e.line(e.palette.light, 1.2, (x, 22), (x + 2, 17), (x, 12))


def chair(e: Easel) -> None:
    e.shadow(30, 66)
    wood = e.pick("#b98a52", "#8a5a33", e.palette.second)
    for x in (32, 60):
        e.line(wood, 2.8, (x, 40), (x - 1 if x < 48 else x + 1, 58))
    for x in (35, 57):
        e.line(wood, 2.6, (x, 10), (x, 40))
    for y in (13, 21, 29):
        e.box(35, y, 57, y + 3.4, wood, 1)
    e.box(30, 37, 62, 43, e.palette.main, 2.5)


def lamp(e: Easel) -> None:
    e.shadow(36, 60)
    e.shape("#fff4c9", (36, 30), (60, 30), (74, 58), (22, 58))
    e.line(e.palette.dark, 2, (48, 30), (48, 55))
    e.oval(48, 57, 24, e.palette.dark, 5)
    e.shape(e.palette.main, (40, 10), (56, 10), (64, 30), (32, 30))
    e.shape(e.palette.accent, (34.4, 25), (61.6, 25), (64, 30), (32, 30))


def shelf(e: Easel) -> None:
    e.shadow(20, 76)
    e.box(20, 10, 76, 58, "#b98a52", 1)
    for top in (13, 28, 43):
        e.box(23, top, 73, top + 12, e.palette.light)
        x = 25.0
        while x < 58:
            wide = e.chance.choice((2.5, 3.5, 4.5))
            tall = e.chance.choice((8, 9, 11))
            colours = (e.palette.main, e.palette.second, e.palette.accent, e.palette.dark)
            e.box(x, top + 12 - tall, x + wide, top + 12, e.pick(*colours))
            x += wide + 0.5
        e.oval(66, top + 9, 7, e.pick(e.palette.main, e.palette.second), 6)


def bucket(e: Easel) -> None:
    e.shadow(28, 76)
    e.arc(44, 34, 30, 180, 360, e.palette.dark, 1.6)
    e.shape(e.palette.main, (28, 33), (60, 33), (56, 58), (32, 58))
    e.oval(44, 33, 32, e.palette.light, 7)
    for x, y, across in ((37, 31, 8), (46, 30, 9), (52, 32, 7)):
        e.oval(x, y, across, "#ffffff")
    e.line("#b98a52", 2.4, (74, 8), (70, 42))
    e.shape(e.palette.accent, (66, 42), (74, 42), (77, 58), (62, 58))


def shirt(e: Easel) -> None:
    e.line(e.palette.dark, 1.2, (48, 12), (48, 8), (52, 6))
    e.line(e.palette.dark, 1.4, (30, 18), (48, 11), (66, 18))
    e.shape(
        e.palette.main,
        (36, 16),
        (60, 16),
        (78, 28),
        (71, 37),
        (63, 31),
        (63, 58),
        (33, 58),
        (33, 31),
        (25, 37),
        (18, 28),
    )
    e.pie(48, 16, 18, 0, 180, e.palette.wall)
    for y in e.chance.choice(((38, 46), (34, 40, 46, 52), ())):
        e.box(33, y, 63, y + 3, e.palette.accent)


def shoe(e: Easel) -> None:
    e.shadow(18, 80)
    e.shape(e.palette.main, (20, 26), (38, 26), (44, 38), (66, 44), (78, 48), (79, 55), (20, 55))
    e.box(19, 53, 80, 58, e.palette.light, 2)
    e.box(19, 25, 39, 29, e.palette.second, 1.5)
    for step in range(4):
        e.line(e.palette.light, 1.4, (42 + step * 5, 38 + step * 1.8), (47 + step * 5, 34.6 + step * 2))
    e.line(e.palette.accent, 2, (28, 48), (44, 44))


def handbag(e: Easel) -> None:
    e.shadow(24, 72)
    e.arc(48, 30, 28, 180, 360, e.palette.dark, 2.4)
    e.shape(e.palette.main, (26, 30), (70, 30), (75, 58), (21, 58))
    e.shape(e.palette.second, (26, 30), (70, 30), (60, 44), (36, 44))
    e.box(45, 41, 51, 47, e.palette.accent, 1)


def books(e: Easel) -> None:
    e.shadow(20, 76)
    y = 58.0
    colours = [e.palette.main, e.palette.second, e.palette.accent, e.palette.dark]
    e.chance.shuffle(colours)
    for colour in colours:
        left, wide, tall = e.chance.randint(20, 27), e.chance.randint(42, 50), e.chance.choice((7, 8, 9))
        e.box(left, y - tall, left + wide, y, colour, 1)
        e.box(left + wide - 3, y - tall + 1.4, left + wide + 0.2, y - 1.4, e.palette.light)
        e.box(left + 5, y - tall, left + 7, y, e.palette.glow)
        y -= tall
    e.oval(46, y - 5, 11, "#b5332a", 10)
    e.line("#466a3a", 1, (46, y - 9), (48, y - 13))


def record(e: Easel) -> None:
    e.shadow(18, 80)
    e.oval(58, 36, 42, "#1b1b1d")
    for across in (36, 30, 24):
        e.ring(58, 36, across, "#38383c", 0.5)
    e.oval(58, 36, 14, e.palette.accent)
    e.oval(58, 36, 2, e.palette.light)
    e.box(18, 14, 60, 58, e.palette.main, 1)
    e.oval(39, 36, 24, e.palette.second)
    e.pie(39, 36, 24, 200, 20, e.palette.light)
