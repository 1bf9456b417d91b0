"""Drives Chromium as its person would: `browser.py HOME PROFILE`.

It starts the browser, and answers an empty line with its version, in a line of JSON. Each line `open URL [PIN...]` then opens
a page and gives one PIN to each dialogue that asks for it; where none is left, the dialogue is cancelled. The answer is a line
of JSON: the title of each dialogue, and the text of the page, which is empty where none came within SECONDS.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

SECONDS = 25


class Refused(Exception):
    """What a browser answers to a command that it does not carry out."""


def wait_for(what, seconds=60):
    """The first answer of `what` that is one; an error of the network is none yet."""
    end = time.monotonic() + seconds
    while True:
        try:
            answer = what()
            if answer:
                return answer
        except OSError:
            pass
        if time.monotonic() > end:
            return None
        time.sleep(0.1)


class Chromium:
    """Chromium by its driver, WebDriver over HTTP. Its PIN dialogue is a window of its own, which xdotool fills in."""

    TITLE = "Unlock Security Device"

    def __init__(self, home, profile):
        reading, writing = os.pipe()
        self.display = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1000x800x24", "-nolisten", "tcp"],
            pass_fds=[writing], stderr=subprocess.DEVNULL)
        self.environment = dict(os.environ, DISPLAY=":" + os.read(reading, 10).decode().strip())
        with open(home + "/chromium.log", "w") as log:
            self.process = subprocess.Popen(["chromedriver", "--port=9515"], stdout=log, stderr=log, env=self.environment)
        wait_for(lambda: self._send("GET", "/status"))
        options = {
            "binary": "/usr/bin/chromium",
            "args": ["--no-sandbox", "--user-data-dir=" + profile, "--no-first-run", "--disable-gpu",
                     "--disable-dev-shm-usage", "--disable-background-networking"]}
        capabilities = {"pageLoadStrategy": "none", "acceptInsecureCerts": True, "goog:chromeOptions": options}
        session = self._send("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self.session = "/session/" + session["sessionId"]
        self.version = session["capabilities"]["browserVersion"]
        self.answered = set()

    def start(self, url, pins):
        self.pins, self.shown = list(pins), []
        address = url.split("//")[1]
        # The title of a page, which has none of its own, and of what is shown in its place where there is none.
        self.expected = (address + " - ", address.split(":")[0] + " - ")
        self.titles_before = self._titles()
        self._send("POST", self.session + "/url", {"url": url})

    def look(self):
        self._answer_dialogue()
        # Its driver answers nothing while a page waits for a dialogue; the window's title says when the page is there.
        titles = self._titles()
        if titles == self.titles_before or not any(each.startswith(self.expected) for each in titles):
            return ["", ""]
        text = "return document.readyState == 'complete' ? [document.URL, document.body.innerText] : ['', '']"
        return self._send("POST", self.session + "/execute/sync", {"script": text, "args": []})

    def prompts(self):
        return self.shown

    def end(self):
        self._send("DELETE", self.session)
        for process in (self.process, self.display):
            process.terminate()
            process.wait(20)

    def _answer_dialogue(self):
        for window in set(self._windows(self.TITLE)) - self.answered:
            self.answered.add(window)
            self.shown.append(self.TITLE)
            self._xdotool("windowfocus", "--sync", window)
            if not self.pins:
                self._xdotool("key", "Escape")
                continue
            self._xdotool("type", "--delay", "40", self.pins.pop(0))
            self._xdotool("key", "Return")

    def _titles(self):
        return [self._xdotool("getwindowname", each) for each in self._windows(" - Chromium")]

    def _windows(self, title):
        return self._xdotool("search", "--onlyvisible", "--name", title).split()

    def _xdotool(self, *arguments):
        result = subprocess.run(["xdotool", *arguments], env=self.environment, capture_output=True, text=True)
        return result.stdout.strip()

    def _send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            "http://127.0.0.1:9515" + path, method=method, data=data, headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise Refused(value["error"], value["message"]) from error


def page(browser, url):
    """The text of the page at `url`; None while it is not there."""
    try:
        where, text = browser.look()
    except Refused as refused:
        # While a page is loaded, or a dialogue is open, there is no document to ask.
        if refused.args[0] == "invalid session id":
            raise
        return None
    # A page of the browser's own stands in the place of one that cannot be had, and has its address.
    return text if where == url else None


def main():
    browser = Chromium(*sys.argv[1:])
    for line in sys.stdin:
        if line.isspace():
            print(json.dumps({"version": browser.version}), flush=True)
            continue
        _, url, *pins = line.split()
        browser.start(url, pins)
        text = wait_for(lambda: page(browser, url), SECONDS)
        print(json.dumps({"prompts": browser.prompts(), "text": text or ""}), flush=True)
    browser.end()


main()
