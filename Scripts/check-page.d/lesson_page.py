"""The checks of a page of `attend example`."""

import re

import numpy
from selenium.webdriver.common.keys import Keys

from browser import Page, data_of
from lesson_numbers import expected_matrices

SHOWN = """
return [...document.querySelectorAll('#panel table.matrix')].map((table) => ({
  name: table.getAttribute('aria-label'),
  rows: [...table.tBodies[0].rows].map((row) => [...row.cells].slice(1).map((cell) => cell.textContent)),
}));
"""
KEY_TABLE = """
return [...document.querySelectorAll('#panel table.keys tbody tr')].map((row) =>
  [...row.cells].map((cell) => cell.textContent));
"""


def number(text):
    """A number as the page writes it, with − for minus."""
    return -numpy.inf if text == "−∞" else float(text.replace("−", "-"))


class LessonPage(Page):
    interface = "lessonPage"

    def __init__(self, driver, path, report):
        super().__init__(driver, path, report)
        self.data = data_of(path)
        self.matrices = expected_matrices(self.data)

    def set(self, **change):
        self.run("lessonPage.set(arguments[0])", change)

    def titles(self):
        return [tab.get_attribute("aria-label").split(". ", 1)[1] for tab in self.all("#steps button")]

    # Checks

    def check_numbers(self):
        """Every matrix of every step and head is computed again from X and the weight matrices."""
        self.open()
        seen = set()
        for head in range(len(self.data["heads"])):
            self.set(head=head)
            for step in range(len(self.titles())):
                self.set(step=step)
                for table in self.run(SHOWN):
                    name = max((n for n in self.matrices if table["name"].startswith(n)), key=len)
                    expected = self.matrices[name]
                    expected = expected[head] if expected.ndim == 3 else expected
                    shown = numpy.array([[number(text) for text in row] for row in table["rows"]])
                    # 5.1e-5: the page shows four digits. Masked scores are −∞ on both sides.
                    same = shown.shape == expected.shape and numpy.allclose(shown, expected, rtol=1e-6, atol=5.1e-5)
                    self.check(f"head {head}, {table['name']}", same, "" if same else f"{shown.tolist()}, not {expected.tolist()}")
                    seen.add(name)
        missing = {"Q", "K", "V", "Scores", "Weights", "Output"} - seen
        self.check("has the matrices of attention", not missing, ", ".join(missing))

    def check_words(self):
        """A click and the arrow keys choose a word, and the table of its weights follows."""
        self.open()
        self.set(step=self.titles().index("Softmax"))
        weights = self.matrices["Weights"][0]
        buttons = self.all("#word-choice button")
        buttons[2].click()
        self.check("chooses a word by click", self.state()["word"] == 2)
        self.press(Keys.ARROW_RIGHT)
        self.check("chooses a word by arrow key", self.state()["word"] == 3)
        self.check("moves the focus with the word", self.run("return document.activeElement.textContent").startswith(self.data["words"][3]))
        shown = [number(row[3]) for row in self.run(KEY_TABLE)[:len(weights)]]
        self.check("shows the weights of the word", numpy.allclose(shown, weights[3], atol=5.1e-5))
        below = self.run("return [...document.querySelectorAll('.word-number')].map((n) => n.textContent)")
        shown = [number(text) if re.match(r"^[0-9.]+$", text) else 0 for text in below]
        self.check("shows the weights below the words", numpy.allclose(shown, weights[3], rtol=0, atol=5.1e-5), str(below))

    def check_heads(self):
        if len(self.data["heads"]) < 2:
            return
        self.open()
        self.set(step=self.titles().index("Softmax"))
        before = self.run(SHOWN)[0]["rows"]
        self.all("#heads button")[1].click()
        self.check("chooses a head by click", self.state()["head"] == 1)
        self.check("shows other weights", self.run(SHOWN)[0]["rows"] != before)

    def check_steps(self):
        self.open()
        count = len(self.titles())
        self.all("#steps button")[1].click()
        self.check("chooses a step by click", self.state()["step"] == 1)
        self.press(Keys.ARROW_RIGHT)
        self.check("chooses a step by arrow key", self.state()["step"] == 2)
        self.press(Keys.END)
        self.check("chooses the last step by End", self.state()["step"] == count - 1)
        self.check("has no step after the last", self.run("return document.getElementById('next').disabled"))
        self.one("#previous").click()
        self.check("goes back by button", self.state()["step"] == count - 2)
        self.all(".ways button")[1].click()
        self.check("goes on by the link below", self.state()["step"] == count - 1
                   and self.run("return document.activeElement.tagName") == "H2")
        self.press(Keys.ARROW_LEFT)
        self.check("goes back by arrow key", self.state()["step"] == count - 2)
        self.open(fragment="#step=3&word=4")
        self.check("opens the step and the word of its hash", (self.state()["step"], self.state()["word"]) == (2, 4))

    def check_formula(self):
        """A cell that has the focus shows its formula, whose result is the cell's number."""
        self.open()
        self.set(step=self.titles().index("Scores"))
        self.run("document.querySelector('#panel table.matrix td[tabindex=\"0\"]').focus()")
        self.press(Keys.ARROW_RIGHT)
        cell = self.run("return document.activeElement.textContent")
        reading = self.one("#panel .matrix-figure .reading").text
        self.check("shows the formula of a cell", "·" in reading and reading.endswith(f"= {cell}"), reading)
        terms = [numpy.prod([number(f.strip("() ")) for f in term.split("·")])
                 for term in reading.split(": ")[1].split(" = ")[0].split(" + ")]
        self.check("has a formula with the right sum", abs(sum(terms) - number(cell)) <= 6e-4, f"{sum(terms):.5f}")

    def check_accessibility(self):
        for scheme, width in (("light", 1280), ("dark", 1280), ("light", 360)):
            self.open(scheme, width)
            for step, title in enumerate(self.titles()):
                self.set(step=step)
                self.settle()
                self.check_axe(f"{scheme}, {width} px, {title}")
                if width == 360:
                    shown = self.run("return document.documentElement.scrollWidth")
                    self.check(f"fits 360 px: {title}", shown <= 360, f"{shown} px")

    def check_all(self):
        self.check_load()
        self.check_numbers()
        self.check_words()
        self.check_heads()
        self.check_steps()
        self.check_formula()
        self.check_accessibility()
        self.check_console()

    def save_screenshots(self, folder):
        for scheme, width in (("light", 1280), ("dark", 1280), ("light", 360)):
            self.open(scheme, width)
            for step in range(len(self.titles())):
                self.set(step=step)
                self.save_screenshot(folder, f"{scheme}-{width}-{step + 1}")
