"""The layouts of a date: in which order and with which words and marks people write it."""

from months import NAMES, SHORT, WEEKDAYS, WEEKDAYS_SHORT, misspelt

UNITS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
TEENS = ("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth",
         "seventeenth", "eighteenth", "nineteenth")


def ordinal_suffix(day):
    if 11 <= day <= 13:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def ordinal_words(day):
    """The words of an ordinal as a list: ["twenty", "third"]."""
    if day in (20, 30):
        return ["twentieth" if day == 20 else "thirtieth"]
    if day < 20:
        return [(UNITS + TEENS)[day - 1]]
    return ["twenty" if day < 30 else "thirty", UNITS[day % 10 - 1]]


class Writer:
    """Writes the parts of one date; every call may choose another of the part's forms."""

    def __init__(self, rng, date, misspell_month=False):
        self.rng, self.date, self.misspell_month = rng, date, misspell_month

    def one_of(self, *choices):
        return self.rng.choice(choices)

    def chance(self, percent):
        return self.rng.random() * 100 < percent

    def maybe(self, percent, text):
        return text if self.chance(percent) else ""

    def month(self):
        if self.misspell_month:
            return misspelt(self.rng, self.date.month).capitalize()
        short = SHORT[self.date.month - 1]
        if not short or self.chance(50):
            return NAMES[self.date.month - 1]
        return self.rng.choice(short)

    def dotted_month(self):
        """A month that may carry the full stop of an abbreviation."""
        name = self.month()
        return name if name in NAMES or self.misspell_month else name + self.maybe(25, ".")

    def weekday(self):
        """The weekday and what separates it from the date."""
        day = self.date.weekday()
        if self.chance(50):
            return WEEKDAYS[day] + self.one_of(" ", ", ")
        return self.rng.choice(WEEKDAYS_SHORT[day]) + self.one_of(" ", " ", ", ", ". ")

    def day(self):
        return f"{self.date.day:02d}" if self.chance(25) else str(self.date.day)

    def ordinal(self):
        return f"{self.date.day}{ordinal_suffix(self.date.day)}"

    def word_ordinal(self):
        return self.one_of(" ", "-").join(ordinal_words(self.date.day))

    def year(self):
        return f"{self.date.year:04d}"

    def two_digits(self):
        return f"{self.date.year % 100:02d}"

    def short_year(self):
        return self.maybe(50, "'") + self.two_digits()


# Layouts in words: each takes a Writer and returns the sentence.

def day_month_year(w):
    return f"{w.day()} {w.dotted_month()}{w.maybe(15, ',')} {w.year()}"


def ordinal_month_year(w):
    return f"{w.ordinal()} {w.maybe(40, 'of ')}{w.dotted_month()}{w.maybe(15, ',')} {w.year()}"


def the_ordinal_of_month_year(w):
    return f"the {w.ordinal()} {w.maybe(80, 'of ')}{w.dotted_month()} {w.year()}"


def word_ordinal_month_year(w):
    start = w.one_of("", "the ")
    return f"{start}{w.word_ordinal()} {w.maybe(60, 'of ')}{w.dotted_month()} {w.year()}"


def month_day_year(w):
    return f"{w.dotted_month()} {w.day()}{w.maybe(75, ',')} {w.year()}"


def month_ordinal_year(w):
    return f"{w.dotted_month()} {w.maybe(30, 'the ')}{w.ordinal()}{w.maybe(65, ',')} {w.year()}"


def month_word_ordinal_year(w):
    day = w.maybe(40, "the ") + w.word_ordinal()
    return f"{w.dotted_month()} {day}{w.maybe(65, ',')} {w.year()}"


def weekday_day_month_year(w):
    return w.weekday() + day_month_year(w)


def weekday_month_day_year(w):
    return w.weekday() + month_day_year(w)


def weekday_ordinal_month_year(w):
    return w.weekday() + w.maybe(50, "the ") + ordinal_month_year(w)


def weekday_word_ordinal_month_year(w):
    return w.weekday() + word_ordinal_month_year(w)


def day_month_short_year(w):
    day = w.one_of(w.day(), w.day(), w.ordinal())
    return f"{day} {w.dotted_month()} {w.short_year()}"


def month_day_short_year(w):
    day = w.one_of(w.day(), w.ordinal())
    return f"{w.dotted_month()} {day}{w.maybe(60, ',')} {w.short_year()}"


def weekday_short_year(w):
    return w.weekday() + w.one_of(day_month_short_year, month_day_short_year)(w)


def word_ordinal_short_year(w):
    return f"{w.maybe(30, 'the ')}{w.word_ordinal()} {w.maybe(30, 'of ')}{w.dotted_month()} " \
           f"{w.short_year()}"


def year_month_day(w):
    return f"{w.year()}{w.maybe(30, ',')} {w.month()} {w.one_of(w.day(), w.ordinal())}"


def joined_day_month_year(w):
    return w.one_of("-", "-", "/", ".").join((w.day(), w.month(), w.year()))


def joined_day_month_short_year(w):
    return w.one_of("-", "-", "/", ".").join((w.day(), w.month(), w.two_digits()))


# Layouts in digits.

def iso(w):
    if w.chance(70):
        return w.date.isoformat()
    return f"{w.date.year:04d}-{w.date.month}-{w.date.day}"


def iso_slash_or_dot(w):
    join = w.one_of("/", ".")
    if w.chance(70):
        return w.date.isoformat().replace("-", join)
    return f"{w.date.year:04d}{join}{w.date.month}{join}{w.date.day}"


def iso_compact(w):
    return w.date.isoformat().replace("-", "")


def day_first_digits(w):
    pad = w.one_of("", "02")
    return w.one_of("/", ".", "-").join(
        (format(w.date.day, pad), format(w.date.month, pad), w.year()))


def day_first_digits_short_year(w):
    pad = w.one_of("", "02")
    return w.one_of("/", ".", "-").join(
        (format(w.date.day, pad), format(w.date.month, pad), w.two_digits()))


# Layouts and their shares in percent; True: the year has two digits.
IN_WORDS = (
    (day_month_year, 9, False),
    (ordinal_month_year, 7, False),
    (the_ordinal_of_month_year, 6, False),
    (word_ordinal_month_year, 7, False),
    (month_day_year, 8, False),
    (month_ordinal_year, 5, False),
    (month_word_ordinal_year, 3, False),
    (weekday_day_month_year, 6, False),
    (weekday_month_day_year, 5, False),
    (weekday_ordinal_month_year, 4, False),
    (weekday_word_ordinal_month_year, 2, False),
    (day_month_short_year, 5, True),
    (month_day_short_year, 3, True),
    (weekday_short_year, 4, True),
    (word_ordinal_short_year, 3, True),
    (year_month_day, 2, False),
    (joined_day_month_year, 2, False),
    (joined_day_month_short_year, 1, True),
)
IN_DIGITS = (
    (iso, 2, False),
    (iso_slash_or_dot, 1, False),
    (iso_compact, 1, False),
    (day_first_digits, 2, False),
    (day_first_digits_short_year, 1, True),
)
