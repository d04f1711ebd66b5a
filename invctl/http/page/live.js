// What others do, as they do it: the stream of movements, and looks at what no movement tells.
"use strict";

const FEW = 5;

let listening = null;

// Movements as they come, from now on: what came before is looked at when the stream begins. They
// come by fetch, as an EventSource could not send the token.
async function listen() {
  if (listening) listening.abort();
  if (document.visibilityState === "hidden") return;
  const mine = (listening = new AbortController());
  while (!mine.signal.aborted) {
    try {
      await take(mine.signal);
    } catch (error) {
      if (mine.signal.aborted) return;
    }
    state("not live: trying again");
    await pause(1000);
  }
}

async function take(signal) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const answer = await fetch("/movements/stream", { headers, signal, cache: "no-store" });
  if (answer.status === 401) lockOut("That token is nobody's.");
  if (!answer.ok) throw new Error("no stream");
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    await hear(reader);
  } finally {
    reader.cancel().catch(() => {}); // or a browser keeps a silent one, and it has few
  }
}

async function hear(reader) {
  let text = "";
  let isNew = true;
  for (;;) {
    const { value, done: ended } = await Promise.race([reader.read(), silence()]);
    if (ended) return;
    text += value;
    const events = text.split("\n\n");
    text = events.pop();
    for (const event of events) {
      if (event.startsWith("retry:")) continue; // the server has yet to look where the stream begins
      if (isNew) lookAgain();
      isNew = false;
      state("live");
      const data = event.split("\n").find((line) => line.startsWith("data: "));
      if (data && event.includes("event: movement")) moved(JSON.parse(data.slice(6)));
    }
  }
}

// A server that is there says something every quarter of a minute.
const silence = () => pause(40000).then(() => { throw new Error("silence"); });

// What happened before the page listened, or while it could not, has sent it nothing; nor do
// holds, names and what is archived, which are no movements.
function lookAgain() {
  search(true).catch(fail);
  if (shown) renew(shown.sku).catch(fail);
}

function lookNowAndThen() {
  if (document.visibilityState === "visible" && $("state").textContent === "live") lookAgain();
}

// What moves and is not here may be new, or renamed: many of them are one look at the list.
let looking = null;
function lookSoon() {
  looking ??= setTimeout(() => {
    looking = null;
    lookNowAndThen();
  }, 1000);
}

function moved(movement) {
  const skus = [...$("list").querySelectorAll("button")].map((button) => button.dataset.sku);
  if (shown) skus.push(shown.sku);
  if (skus.includes(movement.sku)) refresh(movement.sku);
  else lookSoon();
}

// A few products are looked at by themselves, and soon. What moves beside many, or again within a
// second, is seen in a look at the list: a file of a hundred lines is no hundred questions.
const stale = new Set();
function refresh(sku) {
  if (stale.has(sku) || stale.size === FEW) {
    lookSoon();
    return;
  }
  stale.add(sku);
  setTimeout(() => renew(sku).catch(fail), 150);
  setTimeout(() => stale.delete(sku), 1000);
}

// A tab that nobody sees listens to nothing: a browser has six connections to a server for all of
// its tabs, and the seventh could ask nothing.
document.addEventListener("visibilitychange", () => {
  if (!$("shop").hidden) listen();
});
window.addEventListener("focus", lookNowAndThen);
setInterval(lookNowAndThen, 30000);
