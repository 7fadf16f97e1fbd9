"""The browser, and the checks that all pages share: load, width, accessibility, console."""

import base64
import json
import os
import pathlib
import re
import shutil

import axe_core_python
from selenium import webdriver
from selenium.webdriver.common.by import By

AXE = pathlib.Path(axe_core_python.__file__).parent / "axe.min.js"
LOAD_LIMIT = 1000  # milliseconds


def data_of(path):
    """The data of a page, read without the script of the page."""
    return json.loads(re.search(r'id="data">(.*?)</script>', path.read_text(), re.S).group(1))


def start_driver():
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome")
    options.add_argument("--headless=new")
    options.add_argument("--disable-dev-shm-usage")
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    driver.set_script_timeout(60)
    return driver


class Page:
    """A page in the browser. A subclass has the name of the page's object in `interface`, and its checks."""

    interface = ""

    def __init__(self, driver, path, report):
        self.driver, self.path, self.report = driver, path, report

    def run(self, script, *values):
        return self.driver.execute_script(script, *values)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def state(self):
        return self.run(f"return {self.interface}.state()")

    def press(self, *keys):
        self.driver.switch_to.active_element.send_keys(*keys)

    def settle(self):
        self.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")

    def open(self, scheme="light", width=1280, height=1000, fragment=""):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.resize(width, height, 2 if width < 1000 else 1, width < 500)
        self.driver.get("about:blank")
        self.driver.get(self.path.resolve().as_uri() + fragment)
        self.settle()

    def resize(self, width, height, scale=1, is_mobile=False):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": scale, "mobile": is_mobile})

    def check(self, name, passed, detail=""):
        self.report(f"{self.path.name}: {name}", bool(passed), detail)

    def check_load(self):
        times = []
        for _ in range(3):
            self.open()
            times.append(self.run(f"return {self.interface}.startTime"))
        self.check("is ready within 1 s", min(times) < LOAD_LIMIT, f"{min(times):.0f} ms, best of 3 loads")

    def check_width(self):
        self.open("light", 360, 800)
        width = self.run("return document.documentElement.scrollWidth")
        self.check("fits 360 px", width <= 360, f"{width} px")

    def check_axe(self, name):
        """Rules of accessibility on the page as it is shown now."""
        self.run(AXE.read_text())
        result = self.driver.execute_async_script(
            "axe.run(document, {resultTypes: ['violations']}).then(arguments[0])")
        found = [f"{v['id']}: {v['nodes'][0]['html'][:120]} {v['nodes'][0]['failureSummary'][:200]}" for v in result["violations"]]
        self.check(f"axe: {name}", not found, "\n      ".join(found))

    def check_console(self):
        messages = [m["message"] for m in self.driver.get_log("browser") if m["level"] in ("SEVERE", "WARNING")]
        self.check("no console errors", not messages, "\n      ".join(messages[:3]))

    def save_screenshot(self, folder, name):
        """Writes a picture of the whole page."""
        width = self.run("return innerWidth")
        self.resize(width, self.run("return document.documentElement.scrollHeight"))
        self.settle()
        self.settle()
        image = self.driver.execute_cdp_cmd("Page.captureScreenshot", {})["data"]
        (folder / f"{self.path.stem}-{name}.png").write_bytes(base64.b64decode(image))
