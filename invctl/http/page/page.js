// The page: what is there, and one product. It makes no HTML of texts: every text goes in by
// textContent.
"use strict";

const MOST = 100;
const $ = (id) => document.getElementById(id);
const make = (tag, text, kind) => {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
};

let shown = null; // the product that is looked at
let asked = 0; // which search the list is of: an older answer may come later
let done = null; // the operation that can be undone
let via = null; // what was typed or scanned for the product that is shown: amounts count it
let entering = 0; // which attempt to enter is going on
let opening = 0; // which product is to be shown: an older answer may come later

const moment = (time) => new Date(time).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" });
const inOwnTime = (text) => text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, moment);

// What is said again is not said aloud again.
const state = (text) => {
  if ($("state").textContent !== text) $("state").textContent = text;
};
// A browser takes `.` and `..` in a path for folders, however they are spelled.
const isFolder = (sku) => sku === "." || sku === "..";
function pathOf(sku) {
  if (isFolder(sku)) throw new Error(`No browser can ask for a SKU that is ${sku}: it is to be renamed.`);
  return `/products/${encodeURIComponent(sku)}`;
}
const number = (n) => (n === null || n === undefined ? "–" : n.toLocaleString());
const signed = (n) => (n > 0 ? `+${number(n)}` : number(n).replace("-", "−"));

// Whoever enters next is shown nothing of what another one has seen and done.
function lockOut(why) {
  if (localStorage.getItem(KEEP) === token) localStorage.removeItem(KEEP); // another tab may have entered
  token = null;
  asked += 1; // no answer that is on its way shows any more
  opening += 1;
  say("", "");
  close();
  $("search").value = $("said").textContent = "";
  $("list").replaceChildren();
  if (listening) listening.abort();
  $("shop").hidden = true;
  $("door").hidden = false;
  state(why || "a token is wanted");
  $("token").focus();
}

// The page comes to life when the server does: it asks until it is answered.
async function enter() {
  const mine = (entering += 1);
  for (;;) {
    try {
      await search(true);
      break;
    } catch (error) {
      if (mine !== entering || (error instanceof Refused && error.status === 401)) return;
      if ($("door").hidden) $("shop").hidden = false;
      state("not live: trying again");
      fail(error);
      await pause(1000);
    }
    if (mine !== entering) return;
  }
  $("said").textContent = "";
  $("door").hidden = true;
  $("shop").hidden = false;
  $("leave-part").hidden = !token;
  $("search").focus();
  listen();
}

async function search(quiet) {
  const mine = (asked += 1);
  const words = $("search").value.trim();
  const query = new URLSearchParams({ limit: MOST + 1 });
  if (words) query.set("search", words);
  const found = await ask("GET", `/products?${query}`);
  if (mine !== asked) return found;
  list(found.slice(0, MOST), quiet);
  $("more").hidden = found.length <= MOST;
  $("more").textContent = `Only the first ${MOST} are shown.`;
  if (!quiet) {
    const many = found.length > MOST ? `more than ${MOST}` : found.length;
    $("said").textContent = `${many} ${found.length === 1 ? "product" : "products"}`;
  } else if ($("said").className === "bad") {
    $("said").textContent = ""; // what went wrong is over
  }
  $("said").className = "";
  return found;
}

// Whoever is about to press a row finds it where it was.
function list(products, quiet) {
  const buttons = [...$("list").querySelectorAll("button")];
  const isSame = buttons.length === products.length && buttons.every((one, n) => one.dataset.sku === products[n].sku);
  if (isSame) buttons.forEach((one, n) => fill(one, products[n]));
  else if (!quiet || !$("list").contains(document.activeElement)) $("list").replaceChildren(...products.map(row));
}

function row(product) {
  const button = make("button");
  button.type = "button";
  fill(button, product);
  button.addEventListener("click", () => inTurn(() => open(button.dataset.sku)));
  const item = make("li");
  item.append(button);
  return item;
}

function fill(button, product) {
  button.dataset.sku = product.sku;
  const units = make("span", number(product.quantity), product.low ? "units low" : "units");
  if (product.low) units.append(make("span", " low"));
  button.replaceChildren(make("span", product.name, "name"), make("span", product.sku, "sku"), units);
  button.setAttribute("aria-current", String(shown !== null && shown.sku === product.sku));
}

// A product by what is typed or scanned for it, and what changes go by: what was renamed, by its
// name of now.
async function look(code) {
  try {
    return [await ask("GET", pathOf(code)), code];
  } catch (error) {
    const now = error instanceof Refused && error.details.renamed_to;
    if (!now) throw error;
    return [await ask("GET", pathOf(now)), now];
  }
}

async function open(typed, focus = true) {
  const mine = (opening += 1);
  const [product, code] = await look(typed);
  if (mine !== opening) return false;
  const isOther = !shown || shown.sku !== product.sku || via !== code;
  // To go back from, which a phone has a button for; once, also where a search has closed it since.
  if (history.state !== "one") history.pushState("one", "");
  $("shop").classList.remove("is-searching");
  via = code;
  show(product);
  if (isOther) {
    $("amount").value = "1";
    say("", "");
  }
  await showHistory(product.sku);
  if (focus) $("amount").focus();
  if (focus) $("amount").select();
  return true;
}

function close() {
  shown = via = null;
  $("one").hidden = true;
  $("shop").classList.remove("has-one");
  for (const button of $("list").querySelectorAll("button")) button.setAttribute("aria-current", "false");
}

function show(product) {
  shown = product;
  $("shop").classList.add("has-one");
  $("one").hidden = false;
  $("one-name").textContent = product.name;
  $("one-sku").textContent = product.sku;
  $("one-description").textContent = product.description || "";
  $("one-quantity").textContent = number(product.quantity);
  $("one-quantity").className = product.low ? "low" : "";
  const facts = isScanned() ? [["Scanned", `${via}: amounts count its scans`]] : [];
  facts.push(["Available", number(product.available)]);
  if (product.held) facts.push(["Held", number(product.held)]);
  if (product.expected) facts.push(["Expected", number(product.expected)]);
  if (product.reorder_point !== null) {
    facts.push(["Reorder at", number(product.reorder_point) + (product.low ? ": it is low" : "")]);
  }
  if (product.archived) facts.push(["State", "archived"]);
  $("facts").replaceChildren(...facts.flatMap(([name, value]) => [make("dt", name), make("dd", value)]));
  for (const button of $("list").querySelectorAll("button")) {
    if (button.dataset.sku === product.sku) fill(button, product);
    else button.setAttribute("aria-current", "false");
  }
}

// A code may mean several units, and it is the server that knows how many.
const isScanned = () => via !== null && via.toUpperCase() !== shown.sku.toUpperCase();

async function showHistory(sku) {
  const query = new URLSearchParams({ sku, limit: 60 });
  const moved = await ask("GET", `/movements?${query}`);
  if (!shown || shown.sku !== sku) return;
  draw(moved);
  $("history").replaceChildren(...moved.slice(-12).reverse().map((one) => {
    const item = make("li");
    const about = [one.kind, one.reason, one.ref, one.actor].filter(Boolean).join(" · ");
    item.append(make("span", `${moment(one.occurred_at)} ${about}`, "what"), make("span", `${signed(one.delta)} → ${number(one.quantity)}`));
    return item;
  }));
}

function draw(moved) {
  $("chart").replaceChildren();
  if (moved.length < 2) return;
  const levels = [moved[0].quantity - moved[0].delta, ...moved.map((one) => one.quantity)];
  const most = Math.max(...levels, 1);
  const x = (n) => (n * 100) / (levels.length - 1);
  const y = (level) => 29 - (level * 28) / most;
  let path = `M0 ${y(levels[0])}`;
  levels.slice(1).forEach((level, n) => { path += `H${x(n + 1)}V${y(level)}`; });
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", "0 0 100 30");
  picture.setAttribute("preserveAspectRatio", "none");
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", `Stock over the last ${moved.length} movements: from ${levels[0]} to ${levels.at(-1)}, at most ${most}`);
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", path);
  picture.append(line);
  $("chart").append(picture, make("p", `${moved.length} movements, at most ${number(most)} in stock`));
}

function say(text, kind) {
  $("outcome").textContent = text;
  $("outcome").className = kind;
  if (kind !== "good") done = null;
  $("undo").hidden = done === null;
  $("places").replaceChildren();
}

// Returns whether it went well, as all do that are done in turn.
async function act(event) {
  const what = event.submitter ? event.submitter.value : "remove";
  const typed = $("amount").value.trim();
  if (!/^[0-9]{1,7}$/.test(typed) && (await scanned(typed))) return true;
  if (!/^[0-9]{1,15}$/.test(typed)) {
    say("Say how many, in digits.", "bad");
    $("amount").focus();
    return false;
  }
  if (typed.length > 7) {
    doubt(what, typed);
    return false;
  }
  return book(what, Number(typed));
}

// What is that long may be a code that no product has: a press says that it is a number, and no
// scanner presses.
function doubt(what, typed) {
  say(`${typed} may be a code, and no product has it.`, "bad");
  const did = { add: "Add", remove: "Remove", count: "Count is" }[what];
  const text = `It is a number: ${did} ${number(Number(typed))}`;
  $("places").replaceChildren(choice(text, () => book(what, Number(typed))));
  $("amount").select();
  $("amount").focus();
}

// A scanner types into whatever has the focus: what is a product is no amount. Where nothing is
// called so, `missed` is told what is called nearly so.
async function scanned(typed, missed = () => {}) {
  if (!typed || isFolder(typed)) return false;
  try {
    await open(typed);
    return true;
  } catch (error) {
    if (!(error instanceof Refused && error.status === 404)) throw error;
    missed(error.details.nearest);
    return false;
  }
}

async function book(what, amount, where = {}, code = via) {
  const { sku } = shown;
  const offered = [...$("places").children];
  let isGood = false;
  say("", ""); // what was done before is not what is waited for
  rest(true);
  try {
    const after = what === "count"
      ? await change("PUT", `${pathOf(code)}/quantity`, { quantity: amount, ...where })
      : await change("PATCH", `${pathOf(code)}/${what}`, { amount, ...where });
    if (shown && shown.sku === sku) show(after);
    done = after.operation;
    const did = { add: "Added", remove: "Removed", count: "Counted" }[what];
    const now = `${number(after.quantity)} in stock${after.low ? ", low" : ""}.`;
    const of = shown && shown.sku === sku ? "" : `${sku}: `;
    say(`${of}${after.isAgain ? "It had happened already. " : ""}${did} ${counted(what, amount, after, where)}: ${now}`, "good");
    showHistory(sku).catch(fail);
    isGood = true;
  } catch (error) {
    say(error.message, "bad");
    // Where nobody knows whether it happened, the same can be pressed again.
    if (error instanceof Unsure) $("places").replaceChildren(...offered);
    if (error instanceof Refused && shown && shown.sku === sku) {
      if (error.code === "insufficient_stock" || error.details.renamed_to) await renew(sku);
      say(error.message, "bad");
      // The places say how many units there are, whatever was scanned.
      const { requested, quantity, places = [] } = error.details;
      if (error.details.reason === "placed") offerCounts(quantity, places);
      else offer(requested || amount, places);
    }
  } finally {
    rest(false);
  }
  // The next scan or search can follow at once.
  $("search").select();
  $("search").focus();
  return isGood;
}

// While a change is on its way another press would be another change.
function rest(isBusy) {
  for (const button of document.querySelectorAll("#change button, #places button, #undo")) {
    button.disabled = isBusy;
  }
}

// How many units an amount was: of a code of 6, two scans are 12 = 2 × 6.
function counted(what, amount, after, where) {
  if (where.in) return `${number(amount)} in ${where.in}`;
  const units = what === "count" ? after.quantity : Math.abs(after.delta);
  if (units === amount || !amount || units % amount) return number(amount);
  return `${number(units)} = ${number(amount)} × ${number(units / amount)}`;
}

// Where units lie in places, whoever takes them says which: that is a button each.
function offer(units, places) {
  $("places").replaceChildren(...places.map(({ place, lot, quantity }) => {
    const some = Math.min(units, quantity);
    const text = `Take ${number(some)} of ${number(quantity)} from ${spot(place, lot)}`;
    return choice(text, () => book("remove", some, { from: place, lot }, shown.sku));
  }));
}

// What lies in places is counted in one of them.
function offerCounts(units, places) {
  $("places").replaceChildren(...places.map(({ place, lot, quantity }) => {
    const text = `Count ${number(units)}, not ${number(quantity)}, in ${spot(place, lot)}`;
    return choice(text, () => book("count", units, { in: place, lot }, shown.sku));
  }));
}

const spot = (place, lot) => (lot ? `${place}, lot ${lot}` : place);

function choice(text, chosen) {
  const button = make("button", text);
  button.type = "button";
  button.addEventListener("click", () => inTurn(chosen));
  return button;
}

async function takeBack() {
  const { sku } = shown;
  const operation = done;
  let isGood = false;
  rest(true);
  try {
    await change("POST", `/operations/${operation}/undo`, {});
    done = null;
    // It is undone, whatever there is to be seen of the product.
    await open(shown && shown.sku === sku ? via : sku, false).catch(fail);
    say("Undone.", "good");
    isGood = true;
  } catch (error) {
    say(error.message, "bad");
    if (error instanceof Unsure) done = operation;
    $("undo").hidden = done === null;
  } finally {
    rest(false);
  }
  $("search").focus();
  return isGood;
}

// A scanner types a code and Enter: a product of exactly that SKU opens, else the only one found.
async function enterPressed() {
  clearTimeout(waiting); // or its answer would come in the place of this one
  const typed = $("search").value.trim();
  if (!typed) return true;
  let nearest = null;
  if (await scanned(typed, (sku) => { nearest = sku; })) {
    $("search").value = "";
    await search(true);
    return true;
  }
  const found = await search(false);
  if (found.length === 1) return open(found[0].sku);
  close(); // or its buttons would stand under what somebody took for another product
  if (!found.length && nearest) $("said").textContent += `: did you mean ${nearest}?`;
  $("search").select();
  return false;
}

let waiting = null;
function typing() {
  clearTimeout(waiting);
  $("shop").classList.toggle("is-searching", $("search").value.trim() !== "");
  waiting = setTimeout(() => search(false).catch(fail), 120);
}

// What is typed for a product stays, under its new name, too.
async function renew(sku) {
  const [product] = await look(sku);
  for (const button of $("list").querySelectorAll("button")) {
    if (button.dataset.sku === sku) fill(button, product);
  }
  if (!shown || shown.sku !== sku) return;
  if (product.sku !== sku && !isScanned()) via = product.sku;
  show(product);
  await showHistory(product.sku);
}

function fail(error) {
  if (error instanceof Refused && error.status === 401) return;
  $("said").textContent = error.message;
  $("said").className = "bad";
}

$("search").addEventListener("input", typing);
for (const [form, entered] of [["find", enterPressed], ["change", act]]) {
  $(form).addEventListener("submit", (event) => {
    event.preventDefault();
    inTurn(() => entered(event));
  });
}
$("undo").addEventListener("click", () => inTurn(takeBack));
$("back").addEventListener("click", () => history.back());
window.addEventListener("popstate", () => {
  if (!shown) return;
  close();
  $("search").focus();
});
// By keys alone it would be a hundred rows from a product to the search, and from there to what can
// be undone of it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || $("shop").hidden) return;
  const isThere = event.target === $("search");
  if (isThere && (!shown || $("search").value)) return; // a browser empties it
  const to = isThere ? $("amount") : $("search");
  to.select();
  to.focus();
});
$("door-form").addEventListener("submit", (event) => {
  event.preventDefault();
  token = $("token").value.trim();
  $("token").value = ""; // what cannot be seen must not be typed behind
  if (!/^[!-~]+$/.test(token)) { // no header could carry it
    lockOut("That token is nobody's.");
    return;
  }
  localStorage.setItem(KEEP, token);
  enter().catch(fail);
});
function leave() {
  unsure = null; // the same change is another one when somebody else makes it
  lockOut("The token is forgotten.");
}
$("leave").addEventListener("click", leave);
// Who leaves in one tab leaves in all.
window.addEventListener("storage", () => {
  if (token && localStorage.getItem(KEEP) !== token) leave();
});
enter().catch(fail);
