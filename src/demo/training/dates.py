"""Dates as people write them, each with its ISO answer: sentences for training and held-out.

Conventions, the same in every style:
  - an all-numeric date is day first (3/5/1979 is the 3rd of May), unless it starts with a
    four-digit year, which is followed by month and day;
  - a two-digit year is the last number of the sentence and means 1950 to 2049 (PIVOT);
  - a written weekday is the true weekday of the date;
  - only dates of the Gregorian calendar occur, from FIRST_YEAR to LAST_YEAR;
  - a misspelt month is strictly nearer to its month than to any other (months.py).
"""

import datetime
import random
import re
from collections import namedtuple

from layouts import IN_DIGITS, IN_WORDS, Writer, iso_compact

FIRST_YEAR, LAST_YEAR = 1800, 2099  # of years written with four digits
PIVOT = 50                          # two digits: 00..49 are 2000..2049, 50..99 are 1950..1999
MAX_INPUT = 48                      # characters; a longer sentence is drawn again
HELD_OUT = 4000                     # sentences
CHUNK = 20000                       # sentences of training data drawn from one random stream

CASES, CASE_SHARES = ("as written", "lower", "upper"), (60, 25, 15)

# Marks around a date. None is in the model's alphabet, so these sentences are what trains
# the token of unknown characters.
ODD_MARKS = (("(", ")"), ("[", "]"), ('"', '"'), ("*", "*"), ("", "!"), ("", "?"), ("", ";"),
             ("", ":"), ("~", ""), ("<", ">"))

Example = namedtuple("Example", "text answer style")


def year_of_two_digits(two):
    return (1900 if two >= PIVOT else 2000) + two


def draw_date(rng, short_year):
    """Every day of the style's years is equally likely."""
    first, last = (year_of_two_digits(PIVOT), year_of_two_digits(PIVOT - 1)) if short_year \
        else (FIRST_YEAR, LAST_YEAR)
    first, last = datetime.date(first, 1, 1), datetime.date(last, 12, 31)
    return datetime.date.fromordinal(rng.randint(first.toordinal(), last.toordinal()))


def change_case(rng, text):
    case = rng.choices(CASES, weights=CASE_SHARES)[0]
    return {"as written": text, "lower": text.lower(), "upper": text.upper()}[case]


def stray_spaces(rng, text):
    """Puts one to four spaces where none belongs: at the ends and between words, numbers and
    marks, never inside a word or a number, where they would change what is read."""
    runs = re.findall(r"[A-Za-z]+|[0-9]+|\s+|.", text)
    gaps = [""] * (len(runs) + 1)
    for _ in range(rng.randint(1, 4)):
        gaps[rng.randrange(len(gaps))] += " "
    return "".join(gap + run for gap, run in zip(gaps, runs + [""]))


def odd_marks(rng, text):
    before, after = rng.choice(ODD_MARKS)
    return before + text + after


def in_layout(layout, short_year):
    def write(rng):
        date = draw_date(rng, short_year)
        return layout(Writer(rng, date)), date
    return write


def altered(layouts, change=None, misspell_month=False):
    """A style that draws one of the layouts at its share and changes what it wrote."""
    shares = [share for _, share, _ in layouts]

    def write(rng):
        layout, _, short_year = rng.choices(layouts, weights=shares)[0]
        date = draw_date(rng, short_year)
        text = layout(Writer(rng, date, misspell_month))
        return (change(rng, text) if change else text), date
    return write


# Stray spaces would leave a number without marks as it is, but for its ends.
ALL_LAYOUTS = IN_WORDS + tuple(row for row in IN_DIGITS if row[0] is not iso_compact)

# Style -> (share in percent, function from a random stream to text and date).
STYLES = {layout.__name__: (share, in_layout(layout, short_year))
          for layout, share, short_year in IN_WORDS + IN_DIGITS}
STYLES["misspelt_month"] = (6, altered(IN_WORDS, misspell_month=True))
STYLES["stray_spaces"] = (3, altered(ALL_LAYOUTS, stray_spaces))
STYLES["misspelt_month_stray_spaces"] = (1, altered(IN_WORDS, stray_spaces, True))
STYLES["odd_marks"] = (1, altered(ALL_LAYOUTS, odd_marks))
assert sum(share for share, _ in STYLES.values()) == 100


def draw(rng, style):
    """One sentence of a style, at most MAX_INPUT characters long."""
    while True:
        text, date = STYLES[style][1](rng)
        if len(text) <= MAX_INPUT:
            return Example(change_case(rng, text), date.isoformat(), style)


def sentence_key(text):
    """Sentences with one key count as the same sentence: they differ in case or in the
    length of their gaps only. Held-out and training sentences share no key."""
    return " ".join(text.lower().split())


def held_out(seed):
    """HELD_OUT sentences with distinct keys, every style exactly at its share, shuffled."""
    rng = random.Random(f"held-out {seed}")
    examples, keys = [], set()
    for style, (share, _) in STYLES.items():
        wanted = len(examples) + HELD_OUT * share // 100
        while len(examples) < wanted:
            example = draw(rng, style)
            key = sentence_key(example.text)
            if key not in keys:
                keys.add(key)
                examples.append(example)
    assert len(examples) == HELD_OUT
    rng.shuffle(examples)
    return examples


def training_chunk(seed, chunk, held_out_keys, count=CHUNK):
    """The chunk-th part of the training stream, without the held-out sentences."""
    rng = random.Random(f"training {seed} {chunk}")
    names = list(STYLES)
    shares = [share for share, _ in STYLES.values()]
    examples = []
    while len(examples) < count:
        example = draw(rng, rng.choices(names, weights=shares)[0])
        if sentence_key(example.text) not in held_out_keys:
            examples.append(example)
    return examples


def write_table(path, examples):
    """The held-out set as a file: tabs between the columns, spaces in the input as they are."""
    with open(path, "w", encoding="ascii", newline="\n") as file:
        file.write("# input\texpected\tstyle\n")
        for example in examples:
            file.write("\t".join(example) + "\n")


def read_table(path):
    with open(path, encoding="ascii", newline="\n") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return [Example(*row) for row in rows]
