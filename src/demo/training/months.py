"""Month names, the distance between words, and honest misspellings of a month.

A misspelling is honest when a reader can tell which month was meant: its distance to the
meant month is strictly smaller than its distance to every other month. The distance to a
month is the smallest one over all the forms in FORMS, so the full name, the abbreviations
and the misspelling all live in one space.
"""

from functools import lru_cache

NAMES = ("January", "February", "March", "April", "May", "June", "July",
         "August", "September", "October", "November", "December")

# Abbreviations that the generator writes; "May" has none.
SHORT = (("Jan",), ("Feb",), ("Mar",), ("Apr",), (), ("Jun",), ("Jul",),
         ("Aug",), ("Sept", "Sep"), ("Oct",), ("Nov",), ("Dec",))

FORMS = tuple(tuple(form.lower() for form in (name,) + short)
              for name, short in zip(NAMES, SHORT))

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS_SHORT = (("Mon",), ("Tue", "Tues"), ("Wed",), ("Thu", "Thur", "Thurs"), ("Fri",),
                  ("Sat",), ("Sun",))

# "Sun" is one letter from "Jun", but nobody reads it as a misspelt June.
NEVER_A_MISSPELLING = frozenset(
    [form for forms in FORMS for form in forms]
    + [day.lower() for day in WEEKDAYS]
    + [day.lower() for days in WEEKDAYS_SHORT for day in days]
    + ["of", "the", "st", "nd", "rd", "th"])

# Letters next to each other on a keyboard: the likeliest slips of a finger.
KEYBOARD_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def distance(a, b):
    """Damerau-Levenshtein distance, unrestricted: the number of insertions, deletions,
    substitutions and swaps of neighbours that turn a into b, also where a swapped pair is
    edited again."""
    far = len(a) + len(b)
    # cost[i + 1][j + 1] is the distance of a[:i] and b[:j]; row and column 0 are a wall.
    cost = [[far] * (len(b) + 2) for _ in range(len(a) + 2)]
    for i in range(len(a) + 1):
        cost[i + 1][1] = i
    for j in range(len(b) + 1):
        cost[1][j + 1] = j
    last_row_of = {}  # letter -> the last row of a (counted from 1) that held it
    for i in range(1, len(a) + 1):
        last_match = 0  # the last column of this row where the letters agreed
        for j in range(1, len(b) + 1):
            row, column = last_row_of.get(b[j - 1], 0), last_match
            same = a[i - 1] == b[j - 1]
            if same:
                last_match = j
            cost[i + 1][j + 1] = min(
                cost[i][j] + (0 if same else 1),
                cost[i + 1][j] + 1,
                cost[i][j + 1] + 1,
                cost[row][column] + (i - row - 1) + 1 + (j - column - 1))
        last_row_of[a[i - 1]] = i
    return cost[len(a) + 1][len(b) + 1]


@lru_cache(maxsize=None)
def distances(word):
    """The distance of a lower-case word to each of the twelve months."""
    return tuple(min(distance(word, form) for form in forms) for forms in FORMS)


def is_honest_misspelling(word, month):
    """True when word is no name itself and strictly nearest to month (1 to 12)."""
    if word in NEVER_A_MISSPELLING:
        return False
    to_months = distances(word)
    own = to_months[month - 1]
    return all(own < other for m, other in enumerate(to_months, start=1) if m != month)


def neighbours(letter):
    """The letters left and right of a letter on the keyboard."""
    row = next(row for row in KEYBOARD_ROWS if letter in row)
    at = row.index(letter)
    return row[max(at - 1, 0):at] + row[at + 1:at + 2]


def one_slip(rng, word):
    """word with one edit: a letter left out, doubled, swapped, mistyped or added."""
    at = rng.randrange(len(word))
    kind = rng.choices(("drop", "double", "swap", "near", "any", "add"),
                       weights=(28, 18, 24, 12, 10, 8))[0]
    if kind == "drop":
        return word[:at] + word[at + 1:]
    if kind == "double":
        return word[:at] + word[at] + word[at:]
    if kind == "swap":
        return word[:at] + word[at + 1:at + 2] + word[at] + word[at + 2:]
    if kind == "add":
        return word[:at] + rng.choice(LETTERS) + word[at:]
    letter = rng.choice(neighbours(word[at]) if kind == "near" else LETTERS)
    return word[:at] + letter + word[at + 1:]


def misspelt(rng, month):
    """A lower-case misspelling of month (1 to 12): one slip of the pen, or two in a quarter
    of the names that are long enough to stay readable. Repeats until it is honest."""
    while True:
        names = FORMS[month - 1]
        word = rng.choice(names) if rng.random() < 0.15 else names[0]
        slips = 2 if len(word) >= 6 and rng.random() < 0.25 else 1
        for _ in range(slips):
            word = one_slip(rng, word)
        if is_honest_misspelling(word, month):
            return word
