"""Checks pages of attend in a headless Chromium: those of `attend explain` and of `attend example`.

    pip install selenium axe-core-python numpy
    python3 check_page.py [--screenshots FOLDER] PAGE.html...

Needs chromium and chromedriver. Prints each check; the exit status is 1 if a check fails.
"""

import argparse
import pathlib
import sys

from attention_page import AttentionPage
from browser import start_driver
from lesson_page import LessonPage


def page_class(path):
    text = path.read_text()
    return next(kind for kind in (AttentionPage, LessonPage) if f"window.{kind.interface} = " in text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", nargs="+", type=pathlib.Path, metavar="PAGE.html")
    parser.add_argument("--screenshots", type=pathlib.Path, metavar="FOLDER", help="also write screenshots")
    arguments = parser.parse_args()
    failures = []

    def report(name, passed, detail):
        print(f"{'ok  ' if passed else 'FAIL'}  {name}{f'  ({detail})' if detail else ''}", flush=True)
        if not passed:
            failures.append(name)

    driver = start_driver()
    try:
        for path in arguments.pages:
            page = page_class(path)(driver, path, report)
            page.check_all()
            if arguments.screenshots:
                arguments.screenshots.mkdir(parents=True, exist_ok=True)
                page.save_screenshots(arguments.screenshots)
    finally:
        driver.quit()
    print(f"{len(failures)} checks failed" if failures else "All checks passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
