"""The generator's promises, tested: python3 -m unittest, in this folder. Needs no PyTorch."""

import collections
import datetime
import pathlib
import random
import re
import unittest

import dates
import layouts
import months

SEED = 1979  # the default of train.py


class Distance(unittest.TestCase):
    def test_known_distances(self):
        for a, b, expected in (("", "", 0), ("may", "", 3), ("may", "may", 0), ("may", "mya", 1),
                               ("march", "mach", 1), ("june", "july", 2), ("jan", "jun", 1),
                               ("ca", "abc", 2), ("october", "otcobre", 2), ("abc", "xyz", 3)):
            self.assertEqual(months.distance(a, b), expected, (a, b))
            self.assertEqual(months.distance(b, a), expected, (b, a))

    def test_ambiguous_words_and_names_are_refused(self):
        for word in ("juny", "jule", "jn", "mai", "jxn", "may", "sept", "sun", "mon", "xxxxxx"):
            for month in range(1, 13):
                self.assertFalse(months.is_honest_misspelling(word, month), word)

    def test_clear_words_are_accepted(self):
        for word, month in (("febuary", 2), ("arpil", 4), ("jne", 6), ("spetember", 9),
                            ("octobre", 10), ("decmber", 12)):
            for other in range(1, 13):
                self.assertEqual(months.is_honest_misspelling(word, other), other == month)

    def test_nearest_month_is_unique(self):
        rng = random.Random(1)
        for n in range(3000):
            month = n % 12 + 1
            word = months.misspelt(rng, month)
            measured = [min(months.distance(word, form) for form in forms)
                        for forms in months.FORMS]
            own = measured.pop(month - 1)
            self.assertGreater(own, 0, word)
            self.assertLess(own, min(measured), word)


class Parts(unittest.TestCase):
    def test_pivot(self):
        for two, year in ((0, 2000), (26, 2026), (49, 2049), (50, 1950), (79, 1979), (99, 1999)):
            self.assertEqual(dates.year_of_two_digits(two), year)

    def test_ordinals(self):
        digits = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th",
                  21: "21st", 22: "22nd", 23: "23rd", 30: "30th", 31: "31st"}
        for day, text in digits.items():
            self.assertEqual(f"{day}{layouts.ordinal_suffix(day)}", text)
        words = {1: "first", 9: "ninth", 10: "tenth", 12: "twelfth", 19: "nineteenth",
                 20: "twentieth", 21: "twenty first", 30: "thirtieth", 31: "thirty first"}
        for day, text in words.items():
            self.assertEqual(" ".join(layouts.ordinal_words(day)), text)
        self.assertEqual(len({tuple(layouts.ordinal_words(day)) for day in range(1, 32)}), 31)

    def test_stray_spaces_keep_words_and_numbers(self):
        rng = random.Random(2)
        for _ in range(500):
            text = "Sat. the 23rd of May, '79"
            spaced = dates.stray_spaces(rng, text)
            self.assertGreater(len(spaced), len(text))
            self.assertEqual(spaced.replace(" ", ""), text.replace(" ", ""))
            for run in re.findall(r"[A-Za-z]+|[0-9]+", text):
                self.assertIn(run, spaced)


class Sentences(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.held_out = dates.held_out(SEED)
        cls.keys = {dates.sentence_key(example.text) for example in cls.held_out}
        cls.training = [example for chunk in range(4)
                        for example in dates.training_chunk(SEED, chunk, cls.keys)]
        cls.all = cls.held_out + cls.training

    def test_held_out_has_each_style_at_its_share(self):
        counts = collections.Counter(example.style for example in self.held_out)
        for style, (share, _) in dates.STYLES.items():
            self.assertEqual(counts[style] * 100, share * dates.HELD_OUT, style)

    def test_training_has_each_style_near_its_share(self):
        counts = collections.Counter(example.style for example in self.training)
        total = len(self.training)
        for style, (share, _) in dates.STYLES.items():
            deviation = (total * share / 100 * (1 - share / 100)) ** 0.5
            self.assertLess(abs(counts[style] - total * share / 100), 5 * deviation, style)

    def test_no_sentence_is_shared(self):
        self.assertEqual(len(self.keys), dates.HELD_OUT)
        for example in self.training:
            self.assertNotIn(dates.sentence_key(example.text), self.keys)

    def test_a_sentence_has_one_answer(self):
        answer_of = {}
        for example in self.all:
            known = answer_of.setdefault(dates.sentence_key(example.text), example.answer)
            self.assertEqual(known, example.answer, example.text)

    def test_lengths_and_characters(self):
        for example in self.all:
            self.assertTrue(1 <= len(example.text) <= dates.MAX_INPUT, example.text)
            self.assertTrue(example.text.isascii() and example.text.isprintable(), example.text)

    def test_answers_are_real_dates(self):
        days = set()
        for example in self.all:
            date = datetime.date.fromisoformat(example.answer)
            self.assertTrue(dates.FIRST_YEAR <= date.year <= dates.LAST_YEAR)
            days.add((date.month, date.day))
        self.assertEqual(len(days), 366)

    def test_years_agree(self):
        """Four digits are the year itself; the last two of a sentence follow the pivot."""
        for example in self.all:
            year = int(example.answer[:4])
            numbers = re.findall(r"\d+", example.text)
            if example.style == "iso_compact":
                self.assertEqual(int(example.text[:4]), year)
            elif any(len(number) == 4 for number in numbers):
                self.assertEqual([int(n) for n in numbers if len(n) == 4], [year])
            else:
                self.assertEqual(dates.year_of_two_digits(int(numbers[-1])), year, example.text)

    def test_weekdays_agree(self):
        names = {name.lower(): day for day, forms in enumerate(months.WEEKDAYS_SHORT)
                 for name in forms + (months.WEEKDAYS[day],)}
        seen = collections.Counter()
        for example in self.all:
            for word in re.findall(r"[a-z]+", example.text.lower()):
                if word in names:
                    date = datetime.date.fromisoformat(example.answer)
                    self.assertEqual(names[word], date.weekday(), example.text)
                    seen[word] += 1
        self.assertEqual(set(seen), set(names))

    def test_misspelt_sentences_have_one_misspelt_month(self):
        known = set(months.NEVER_A_MISSPELLING) | {
            word for day in range(1, 32) for word in layouts.ordinal_words(day)}
        checked = 0
        for example in self.all:
            strange = [word for word in re.findall(r"[a-z]+", example.text.lower())
                       if word not in known]
            if not example.style.startswith("misspelt_month"):
                self.assertEqual(strange, [], example.text)
                continue
            self.assertEqual(len(strange), 1, example.text)
            month = int(example.answer[5:7])
            self.assertTrue(months.is_honest_misspelling(strange[0], month), example.text)
            checked += 1
        self.assertGreater(checked, dates.HELD_OUT // 20)


class Table(unittest.TestCase):
    def test_the_table_is_what_the_seed_gives(self):
        path = pathlib.Path(__file__).resolve().parent.parent / "held_out.tsv"
        self.assertEqual(dates.read_table(path), dates.held_out(SEED))


if __name__ == "__main__":
    unittest.main()
