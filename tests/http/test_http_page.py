"""The page in a real browser: sell, refuse, hostile names, what others do, a phone, a token."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from asking import serving
from shop import Shop

pytestmark = [pytest.mark.sweep, pytest.mark.sqlite("the page is the same on each")]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
HOSTILE = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>"


@pytest.fixture
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def served(shop: Shop) -> Iterator[str]:
    shop.json("init", "--sku-rule", "any", "-q")
    made = ("product", "create", "-q", "--quantity")
    shop.json(*made, "10", "TSHIRT", "--name", "T-shirt", "--reorder-point", "5")
    shop.json(*made, "3", "<b>&amp;\"'", "--name", HOSTILE)
    shop.json(*made, "9007199254740991", "LONG", "--name", "A very long name " * 15)
    with serving(shop, "-q") as (url, _):
        yield url


def opened(browser: Any, url: str, width: int = 1200, scheme: str = "light", **more: str) -> Any:
    """Return the page when it is live; it may show nothing wider than it is."""
    view = {"width": width, "height": 844}
    page = browser.new_page(viewport=view, color_scheme=scheme, **more)
    page.goto(url)
    page.wait_for_selector("#state:text-is('live')")
    return page


@pytest.mark.parametrize("width", [320, 390, 1200])
def test_a_product_is_found_sold_refused_counted_and_taken_back(
    browser: Any, served: str, shop: Shop, width: int
) -> None:
    page = opened(browser, served, width)
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("TSHIRT\n")  # as a scanner does
    page.wait_for_selector("#amount:focus")
    page.keyboard.type("3\n")
    page.wait_for_selector("#outcome.good")
    assert page.text_content("#outcome") == "Removed 3: 7 in stock."
    page.wait_for_selector("#search:focus")
    page.fill("#amount", "8")
    page.press("#amount", "Enter")
    page.wait_for_selector("#outcome.bad:text-is('TSHIRT has 7 in stock, not 8')")
    page.wait_for_selector("#search:focus")
    page.fill("#amount", "4")
    page.click("text=Count is")
    page.wait_for_selector("#outcome.good")
    assert page.text_content("#outcome") == "Counted 4: 4 in stock, low."
    page.click("#undo")
    page.wait_for_selector("#one-quantity:text-is('7')")
    assert page.locator("#chart svg").get_attribute("aria-label").startswith("Stock over")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert shop.json("product", "show", "TSHIRT")["quantity"] == 7


def test_who_takes_what_lies_in_places_is_asked_where(
    browser: Any, served: str, shop: Shop
) -> None:
    shop.json("product", "create", "CHAIR", "--name", "Chair", "-q")
    shop.json("stock", "add", "CHAIR", "28", "--to", "HALL/<i>", "--lot", "L1", "-q")
    shop.json("stock", "add", "CHAIR", "3", "--to", "VAN", "-q")
    page = opened(browser, served, 390)
    page.fill("#search", "CHAIR")
    page.press("#search", "Enter")
    page.wait_for_selector("#amount:focus")
    page.keyboard.type("4\n")
    page.wait_for_selector("#places button")
    assert page.locator("#places button").all_text_contents() == [
        "Take 4 of 28 from HALL/<i>, lot L1",
        "Take 3 of 3 from VAN",
    ]
    page.click("text=from HALL")
    page.wait_for_selector("#outcome.good")
    assert page.text_content("#outcome") == "Removed 4: 27 in stock."
    assert page.locator("#places button").count() == 0
    contents = {one["place"]: one["quantity"] for one in shop.json("stock", "where", "CHAIR")}
    assert contents == {"HALL/<i>": 24, "VAN": 3}
    page.fill("#amount", "9")
    page.click("text=Count is")
    page.click("text=Count 9, not 3, in VAN")
    page.wait_for_selector("#outcome:text-is('Counted 9 in VAN: 33 in stock.')")
    contents = {one["place"]: one["quantity"] for one in shop.json("stock", "where", "CHAIR")}
    assert contents == {"HALL/<i>": 24, "VAN": 9}


def test_a_hostile_name_is_only_text_and_what_others_do_shows(
    browser: Any, served: str, shop: Shop
) -> None:
    page = opened(browser, served, 390)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.fill("#search", "img")
    page.wait_for_selector("#said:text-is('1 product')")
    page.press("#search", "Enter")
    page.wait_for_selector("#one:not([hidden])")
    assert page.text_content("#one-name") == HOSTILE
    assert page.title() == "Inventory"
    shop.json("stock", "add", "<b>&amp;\"'", "39", "-q")
    page.wait_for_selector("#one-quantity:text-is('42')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert errors == []


def test_the_page_comes_to_life_when_the_server_does(browser: Any, served: str) -> None:
    page = browser.new_page()
    failing = [503, 503]

    def answer(route: Any) -> None:
        if failing:
            route.fulfill(status=failing.pop(), json={"code": "db_locked", "detail": "locked"})
        else:
            route.continue_()

    page.route("**/products?*", answer)
    page.goto(served)
    page.wait_for_selector("#said:text-is('locked')")
    page.wait_for_selector("#list button")
    page.wait_for_selector("#state:text-is('live')")
    assert page.text_content("#said") == ""


def test_what_may_have_happened_is_done_once_when_it_is_pressed_again(
    browser: Any, served: str, shop: Shop
) -> None:
    page = opened(browser, served)

    def lose(route: Any) -> None:
        route.fetch()  # it is done, and nobody is told
        route.abort()

    page.route("**/remove", lose)
    page.fill("#search", "TSHIRT")
    page.press("#search", "Enter")
    page.wait_for_selector("#amount:focus")
    page.keyboard.type("3\n")
    page.wait_for_selector("#outcome.bad:has-text('it may have happened')")
    page.unroute("**/remove")
    page.fill("#amount", "3")
    page.press("#amount", "Enter")
    page.wait_for_selector("#outcome.good")
    said = page.text_content("#outcome")
    assert said == "It had happened already. Removed 3: 7 in stock."
    page.fill("#amount", "3")
    page.press("#amount", "Enter")
    page.wait_for_selector("#outcome:text-is('Removed 3: 4 in stock, low.')")
    assert shop.json("product", "show", "TSHIRT")["quantity"] == 4


def test_where_nobody_knows_what_became_of_it_the_same_button_stays(
    browser: Any, served: str, shop: Shop
) -> None:
    shop.json("stock", "add", "TSHIRT", "5", "--to", "VAN", "-q")
    shop.json("stock", "remove", "TSHIRT", "10", "-q")
    page = opened(browser, served)

    def lose(route: Any) -> None:
        route.fetch()  # it is done, and nobody is told
        route.abort()

    page.keyboard.type("TSHIRT\n")
    page.wait_for_selector("#amount:focus")
    page.keyboard.type("2\n")
    page.wait_for_selector("#places button")
    for what, button, again in (
        ("**/remove", "text=from VAN", "It had happened already. Removed 2: 3 in stock, low."),
        ("**/undo", "#undo", "Undone."),
    ):
        page.route(what, lose)
        page.click(button)
        page.wait_for_selector("#outcome.bad:has-text('it may have happened')")
        page.unroute(what)
        page.click(button)
        page.wait_for_selector(f"#outcome:text-is('{again}')")
    assert shop.json("product", "show", "TSHIRT")["quantity"] == 5


def test_what_is_undone_is_told_as_undone_whatever_is_to_be_seen_of_it(
    browser: Any, served: str, shop: Shop
) -> None:
    page = opened(browser, served)
    page.keyboard.type("TSHIRT\n")
    page.wait_for_selector("#amount:focus")
    for seen in (lambda route: route.abort(), lambda route: route.fulfill(status=404, json={})):
        page.click("text=Add")
        page.wait_for_selector("#undo:visible")
        page.route("**/products/TSHIRT", seen)
        page.click("#undo")
        page.wait_for_selector("#outcome.good:text-is('Undone.')")
        assert not page.is_visible("#undo")
        page.unroute("**/products/TSHIRT")
    assert shop.json("product", "show", "TSHIRT")["quantity"] == 10


def test_what_is_scanned_where_an_amount_stands_is_a_product(browser: Any, served: str) -> None:
    page = opened(browser, served)
    page.keyboard.type("TSHIRT\n")
    page.wait_for_selector("#amount:focus")
    page.keyboard.type("some\n")
    page.wait_for_selector("#outcome:text-is('Say how many, in digits.')")
    page.fill("#amount", "")
    page.keyboard.type("LONG\n")
    page.wait_for_selector("#one-sku:text-is('LONG')")


def hold_back(page: Any) -> None:
    """Let nothing that the page asks come to the server until `letGo()` is called in it."""
    page.evaluate(
        """() => {
            const asked = window.fetch;
            const gate = new Promise((go) => { window.letGo = go; });
            window.fetch = async (...what) => { await gate; return asked(...what); };
        }"""
    )


def test_what_a_scanner_types_before_an_answer_is_for_what_comes_then(
    browser: Any, served: str, shop: Shop
) -> None:
    page = opened(browser, served)
    hold_back(page)
    page.keyboard.type("TSHIRT\n\n2\nLONGER")
    for _ in "ER":
        page.keyboard.press("Backspace")
    page.keyboard.type("\n\n3\n")  # some scanners end a code by two
    page.evaluate("letGo()")
    page.wait_for_selector("#outcome:text-is('Removed 3: 9,007,199,254,740,988 in stock.')")
    assert page.text_content("#one-sku") == "LONG"
    moved = [(one["sku"], one["delta"]) for one in shop.json("stock", "log", "--kind", "remove")]
    assert moved == [("TSHIRT", -2), ("LONG", -3)]


def test_what_was_typed_ahead_of_a_refusal_is_dropped_and_that_is_said(
    browser: Any, served: str, shop: Shop
) -> None:
    page = opened(browser, served)
    page.keyboard.type("TSHIRT\n")
    page.wait_for_selector("#amount:focus")
    hold_back(page)
    page.keyboard.type("NOPE\n2\n")  # meant for another product
    page.evaluate("letGo()")
    dropped = "What was typed meanwhile is dropped: type it again."
    page.wait_for_selector(f"#said:has-text('{dropped}')")  # behind what a slow search has found
    assert page.text_content("#outcome") == "Say how many, in digits."
    assert shop.json("product", "show", "TSHIRT")["quantity"] == 10
    page.fill("#search", "NOPE")
    page.wait_for_selector("#said:text-is('0 products')")
    hold_back(page)
    page.press("#search", "Enter")
    page.keyboard.type("2\n")
    page.evaluate("letGo()")
    page.wait_for_selector(f"#said:text-is('0 products · {dropped}')")


def test_a_key_that_is_held_is_pressed_once(browser: Any, served: str) -> None:
    page = opened(browser, served)
    page.keyboard.type("TSHIRT")
    page.keyboard.down("Enter")
    page.wait_for_selector("#amount:focus")
    page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    page.keyboard.type("2\n")
    page.wait_for_selector("#outcome:text-is('Removed 2: 8 in stock.')")


def test_what_is_waited_for_is_not_told_as_what_was_before(browser: Any, served: str) -> None:
    page = opened(browser, served)
    page.keyboard.type("TSHIRT\n")
    page.wait_for_selector("#amount:focus")
    page.keyboard.type("2\n")
    page.wait_for_selector("#outcome.good")
    hold_back(page)
    page.click("text=Add")
    assert page.text_content("#outcome") == ""
    page.evaluate("letGo()")
    page.wait_for_selector("#outcome:text-is('Added 2: 10 in stock.')")


def test_back_and_escape_lead_back_to_the_products_and_the_search(
    browser: Any, served: str
) -> None:
    page = opened(browser, served, 390)
    for leave in (page.go_back, lambda: page.click("#back")):
        page.click("text=T-shirt")
        page.wait_for_selector("#amount:focus")
        page.keyboard.press("Escape")
        page.wait_for_selector("#search:focus")
        page.keyboard.type("x")
        page.keyboard.press("Escape")  # which empties it
        assert page.evaluate("[document.activeElement.id, $('search').value]") == ["search", ""]
        page.keyboard.press("Escape")
        page.wait_for_selector("#amount:focus")
        leave()
        page.wait_for_selector("#list-part:visible")
        assert not page.is_visible("#one")
    assert page.text_content("#state") == "live"


def test_a_code_that_nothing_has_is_told_with_the_nearest_and_opens_nothing(
    browser: Any, served: str
) -> None:
    page = opened(browser, served)
    page.keyboard.type("TSHRIT\n")
    page.wait_for_selector("#said:text-is('0 products: did you mean TSHIRT?')")
    assert not page.is_visible("#one")
    page.keyboard.type("TSHIRT\n")  # over what stands there
    page.wait_for_selector("#one-sku:text-is('TSHIRT')")


def test_no_product_stays_under_a_search_that_did_not_mean_it(browser: Any, served: str) -> None:
    page = opened(browser, served, 390)
    for scanned, found in (("NOPE", 0), ("O", 2)):
        page.fill("#search", "TSHIRT")
        page.press("#search", "Enter")
        page.wait_for_selector("#amount:focus")
        page.keyboard.press("Escape")
        page.keyboard.type(scanned)
        page.wait_for_selector("#list-part:visible")  # what is looked for shows on a phone, too
        page.keyboard.press("Enter")
        page.wait_for_selector("#one", state="hidden")
        assert page.locator("#list button").count() == found
    page.click("#list button:has-text('LONG')")
    page.wait_for_selector("#amount:focus")
    assert not page.is_visible("#list-part")
    page.go_back()
    page.wait_for_selector("#one", state="hidden")


def test_a_sku_that_no_browser_can_ask_for_is_said_to_be_one(
    browser: Any, served: str, shop: Shop
) -> None:
    page = opened(browser, served)
    page.keyboard.type("..\n")
    page.wait_for_selector("#said:text-is('0 products')")
    shop.json("product", "create", "..", "--name", "Dots", "-q")
    page.keyboard.type("..\n")
    page.wait_for_selector("#said:has-text('it is to be renamed')")
    page.fill("#search", "TSHIRT")
    page.press("#search", "Enter")
    page.wait_for_selector("#one-sku:text-is('TSHIRT')")


def test_a_code_that_no_product_has_is_no_amount_until_that_is_pressed(
    browser: Any, served: str, shop: Shop
) -> None:
    page = opened(browser, served, 390)
    page.keyboard.type("TSHIRT\n")
    page.wait_for_selector("#amount:focus")
    for code in ("04006381333931", "12345678", "04006381333931"):
        page.keyboard.type(f"{code}\n")
        page.wait_for_selector(f"#outcome:text-is('{code} may be a code, and no product has it.')")
    assert shop.json("product", "show", "TSHIRT")["quantity"] == 10
    page.fill("#amount", "12345678")
    page.click("text=Count is")
    page.click("text=It is a number: Count is 12,345,678")
    page.wait_for_selector("#outcome.good")
    assert shop.json("product", "show", "TSHIRT")["quantity"] == 12_345_678


def test_the_page_is_not_live_before_the_server_has_told_where_the_stream_begins(
    browser: Any, served: str
) -> None:
    page = browser.new_page()
    looks: list[str] = []
    page.on("request", lambda asked: looks.append(asked.url) if "?limit" in asked.url else None)
    # What happens between this and the rest of the stream's beginning is sent to nobody.
    page.route(
        "**/movements/stream",
        lambda route: route.fulfill(content_type="text/event-stream", body="retry: 1000\n\n"),
    )
    page.goto(served)
    page.wait_for_selector("#state:has-text('not live')")
    assert len(looks) == 1
    page.unroute("**/movements/stream")
    page.wait_for_selector("#state:text-is('live')")


def test_tabs_that_nobody_sees_leave_the_connections_to_the_one_that_is_seen(
    browser: Any, served: str
) -> None:
    context = browser.new_context()

    def turn(page: Any, state: str) -> None:
        page.evaluate(
            """value => {
              Object.defineProperty(document, "visibilityState", {value, configurable: true});
              document.dispatchEvent(new Event("visibilitychange"));
            }""",
            state,
        )

    def opened_tab() -> Any:
        page = context.new_page()
        page.goto(served)
        page.wait_for_selector("#state:text-is('live')")
        return page

    first, *others = [opened_tab() for _ in range(6)]
    for page in (first, *others):
        turn(page, "hidden")
    seventh = opened_tab()
    seventh.keyboard.type("TSHIRT\n")
    seventh.wait_for_selector("#amount:focus")
    seventh.keyboard.type("3\n")
    seventh.wait_for_selector("#outcome.good")
    assert first.locator("[data-sku=TSHIRT] .units").text_content() == "10"
    turn(first, "visible")
    first.wait_for_selector("[data-sku=TSHIRT] .units:text-is('7')")
    context.close()


def test_what_happened_while_the_page_was_not_live_shows(
    browser: Any, served: str, shop: Shop
) -> None:
    page = opened(browser, served)
    page.keyboard.type("TSHIRT\n")
    page.wait_for_selector("#amount:focus")
    for lost in ("**/movements/stream", "**/products?*"):
        page.route(lost, lambda route: route.abort())
    page.evaluate("() => { last = null; listen(); }")
    page.wait_for_selector("#state:has-text('not live')")
    page.fill("#search", "shirt")
    page.wait_for_selector("#said.bad:text-is('The server does not answer.')")
    shop.json("stock", "add", "TSHIRT", "7", "-q")
    page.unroute("**/products?*")
    page.unroute("**/movements/stream")
    page.wait_for_selector("#said:text-is('')", state="attached")
    page.wait_for_selector("#one-quantity:text-is('17')")
    page.wait_for_selector("#list .units:has-text('17')")


def test_a_file_of_many_products_is_a_few_questions_of_the_page(
    browser: Any, served: str, shop: Shop
) -> None:
    lines = "".join(f"P-{n},p,{n + 1}\n" for n in range(50))
    shop.json("product", "import", "-", "-q", stdin=f"sku,name,quantity\n{lines}")
    page = opened(browser, served)
    page.wait_for_selector("#list .sku:text-is('P-49')")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    moved = "".join(f"P-{n},1000\n" for n in range(50))
    shop.json("stock", "apply", "-", "-q", stdin=f"sku,delta\n{moved}")
    for n in (0, 25, 49):
        page.wait_for_selector(f"#list .units:text-is('1,{n + 1:03}')")
    assert len(asked) < 10, asked


def test_what_is_no_movement_of_what_is_listed_shows_too(
    browser: Any, served: str, shop: Shop
) -> None:
    page = browser.new_page()
    page.clock.install()
    page.goto(served)
    page.wait_for_selector("#state:text-is('live')")
    shop.json("product", "create", "NEW", "--name", "New", "--quantity", "5", "-q")
    page.wait_for_selector("#list .sku:text-is('NEW')")
    page.keyboard.type("NEW\n")
    page.wait_for_selector("#amount:focus")
    # Its movement is the first that the page hears of a new name.
    shop.json("product", "rename", "NEW", "NEWER", "-q")
    shop.json("stock", "add", "NEWER", "1", "-q")
    page.wait_for_selector("#one-sku:text-is('NEWER')")
    page.wait_for_selector("#list .sku:text-is('NEWER')")
    assert page.locator("#list .sku:text-is('NEW')").count() == 0
    # Whoever presses before the page has seen it is told, and presses again.
    shop.json("product", "rename", "NEWER", "NEWEST", "-q")
    page.fill("#amount", "2")
    page.press("#amount", "Enter")
    page.wait_for_selector("#outcome.bad:text-is('there is no product NEWER: it is NEWEST by now')")
    page.wait_for_selector("#search:focus")
    page.press("#amount", "Enter")
    page.wait_for_selector("#outcome:text-is('Removed 2: 4 in stock.')")
    # Of what is no movement the page hears nothing: it looks now and then.
    shop.json("hold", "create", "NEWEST", "3", "-q")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.wait_for_selector("#facts dd:text-is('1')")
    shop.json("product", "update", "NEWEST", "--name", "Named", "-q")
    shop.json("product", "archive", "LONG", "-q")
    page.clock.fast_forward(30_000)
    page.wait_for_selector("#one-name:text-is('Named')")
    page.wait_for_selector("#list .name:text-is('Named')")
    page.wait_for_function("!document.getElementById('list').textContent.includes('LONG')")
    # A label of the old name is one of the product.
    page.fill("#search", "new")
    page.press("#search", "Enter")
    page.wait_for_selector("#amount:focus")
    assert "Scanned" not in page.text_content("#facts")


def test_no_number_is_too_wide_and_times_are_those_of_who_looks(
    browser: Any, served: str, shop: Shop
) -> None:
    page = opened(browser, served, 320, timezone_id="Asia/Tokyo", locale="en-GB")
    page.keyboard.type("LONG\n")
    page.wait_for_selector("#history li")
    for width in (280, 360, 768, 1200):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    hold = shop.json("hold", "create", "TSHIRT", "9", "--for", "1h", "-q")
    page.fill("#search", "TSHIRT")
    page.press("#search", "Enter")
    page.wait_for_selector("#one-sku:text-is('TSHIRT')")
    page.fill("#amount", "2")
    page.press("#amount", "Enter")
    page.wait_for_selector("#outcome.bad:has-text('held')")
    until = datetime.fromisoformat(hold["due_at"]).astimezone(ZoneInfo("Asia/Tokyo"))
    said = page.text_content("#outcome")
    assert (f"until {until:%d/%m/%Y, %H:%M}" in said, "Z" in said) == (True, False), said


def test_a_scanned_code_of_several_units_counts_them(browser: Any, served: str, shop: Shop) -> None:
    shop.json("product", "create", "MILK", "--name", "Milk", "--quantity", "30", "-q")
    shop.json("code", "add", "MILK", "4006381333931", "--units", "6", "-q")
    shop.json("stock", "add", "MILK", "2", "--to", "VAN", "-q")
    page = opened(browser, served, 390)
    page.keyboard.type("4006381333931\n")
    page.wait_for_selector("#facts:has-text('amounts count its scans')")
    page.wait_for_selector("#amount:focus")
    page.keyboard.type("2\n")
    page.wait_for_selector("#outcome.good")
    assert page.text_content("#outcome") == "Removed 12 = 2 × 6: 20 in stock."
    page.fill("#amount", "4")
    page.press("#amount", "Enter")
    page.click("text=Take 2 of 2 from VAN")
    page.wait_for_selector("#outcome:text-is('Removed 2: 18 in stock.')")
    assert shop.json("product", "show", "MILK")["quantity"] == 18


def test_the_page_asks_for_a_token_and_keeps_it(browser: Any, shop: Shop) -> None:
    shop.json("product", "create", "A", "--name", "a", "--quantity", "1", "-q")
    with serving(shop, "-q", INVCTL_TOKEN="Anna " + "x" * 20) as (url, _):
        page = browser.new_context().new_page()
        page.goto(url)
        for wrong in ("wrong", "mot clé"):
            page.wait_for_selector("#token:focus")
            page.keyboard.type(wrong + "\n")
            page.wait_for_selector("#state:has-text('nobody')")
            assert page.input_value("#token") == ""  # or the next would be typed behind it
        page.keyboard.type("x" * 20 + "\n")
        page.wait_for_selector("#list button")
        page.reload()
        page.click("#list button")
        page.wait_for_selector("#amount:focus")
        page.keyboard.type("1\n")
        page.wait_for_selector("#undo:visible")
        other = page.context.new_page()
        other.goto(url)
        other.wait_for_selector("#list button")
        page.click("#leave")
        for left in (page, other):  # who leaves in one tab leaves in all
            left.wait_for_selector("#door:not([hidden])")
            assert left.locator("#list button").count() == 0
            assert left.evaluate("[token, localStorage.length]") == [None, 0]
        page.bring_to_front()
        page.wait_for_selector("#token:focus")
        # Whoever is next sees nothing of it, and takes nothing of it back.
        page.keyboard.type("x" * 20 + "\n")
        page.wait_for_selector("#state:text-is('live')")
        page.click("#list button")
        page.wait_for_selector("#one-quantity:text-is('0')")
        assert (page.is_visible("#undo"), page.text_content("#outcome")) == (False, "")


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1200, "light")])
def test_axe_finds_nothing_that_keeps_anybody_out(
    browser: Any, served: str, width: int, scheme: Any
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="there is no axe")

    def violations() -> list[tuple[str, Any]]:
        found = axe.Axe().run(page).response["violations"]
        return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]

    page = opened(browser, served, width, scheme)
    assert violations() == []
    page.fill("#search", "TSHIRT")
    page.press("#search", "Enter")
    page.wait_for_selector("#one:not([hidden])")
    assert violations() == []
    for amount, outcome in (("6", "good"), ("99", "bad")):
        page.fill("#amount", amount)
        page.press("#amount", "Enter")
        page.wait_for_selector(f"#outcome.{outcome}")
        assert violations() == []
    page.evaluate("lockOut('The token is of nobody.')")
    page.wait_for_selector("#door:not([hidden])")
    assert violations() == []


def test_the_documentation_works_without_a_network(browser: Any, served: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served}/docs")
    page.wait_for_selector(".opblock")
    assert page.locator("button.authorize").count() == 1
    assert all(url.startswith((served, "data:")) for url in asked)


def test_the_script_of_the_page_is_sound() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node")
    from invctl.http.pages import SCRIPTS, _own

    for script in SCRIPTS:
        subprocess.run([node, "--check", "-"], input=_own(script), check=True)
