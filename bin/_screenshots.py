"""Photograph the pages of a server that holds the demonstration's data. Usage: _screenshots.py ADDRESS FOLDER"""

import shutil
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DAY = "on=2025-09-30"
PLAN = "/kfq/2025/"
WIDE, PHONE, WALL = (1440, 900), (390, 844), (1920, 1080)
# name: (who, window, address)
SHOTS = {
    "dashboard": ("leader", WIDE, f"{PLAN}?{DAY}"),
    "wall": ("leader", WALL, f"{PLAN}?view=wall&{DAY}"),
    "pillar": ("leader", WIDE, f"{PLAN}pillars/1/?{DAY}"),
    "measure": ("leader", WIDE, f"{PLAN}measures/1.1/?{DAY}"),
    "indicator": ("leader", WIDE, f"{PLAN}indicators/1.1-1/?{DAY}"),
    "source": ("leader", WIDE, f"{PLAN}source/?{DAY}"),
    "year": ("leader", WIDE, f"{PLAN}year/"),
    "my-work": ("reporter", WIDE, "/my-work/"),
    "report": ("reporter", PHONE, "the report form"),
    "audit": ("inspector", WIDE, "/audit/"),
}
PASSWORD = "courtplan-demo"  # of the demonstration's accounts, shown on its sign-in page


def main(address, folder):
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        sys.exit("没有找到 Chromium（Debian：apt install chromium fonts-noto-cjk）。")
    _wait_for(address)
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for name, (who, (width, height), where) in SHOTS.items():
            context = browser.new_context(
                viewport={"width": width, "height": height}, reduced_motion="reduce", locale="zh-CN"
            )
            page = context.new_page()
            page.goto(f"{address}/login/")
            page.fill("[name=username]", who)
            page.fill("[name=password]", PASSWORD)
            page.click("main button[type=submit]")
            if where == "the report form":
                page.goto(f"{address}/my-work/")
                page.locator("a[href*='/report/']").first.click()
                page.wait_for_load_state()
            else:
                answer = page.goto(address + where)
                if answer.status != 200:
                    sys.exit(f"{where}：{answer.status}")
            page.screenshot(path=folder / f"{name}.png")
            print(f"    {folder / name}.png")
            context.close()
        browser.close()


def _wait_for(address):
    for _try in range(100):
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=2)
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    sys.exit("服务器没有应答。")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
