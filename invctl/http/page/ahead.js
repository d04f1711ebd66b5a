// What is typed while an answer is on its way waits for that, as on a terminal. A scanner waits for
// nobody: the rest of its code would come into the next field, where digits are an amount.
"use strict";

const ahead = []; // the keys that wait
let onItsWay = 0; // how many answers are

// Have something done. What it returns says whether it went well: only then is what was typed
// meanwhile meant for what there is now.
async function inTurn(work) {
  let isGood = false;
  onItsWay += 1;
  try {
    isGood = await work();
  } catch (error) {
    fail(error);
  } finally {
    onItsWay -= 1;
  }
  if (isGood) goOn();
  else drop();
}

// Type the keys that wait, up to the next of them for which an answer is asked.
function goOn() {
  while (ahead.length && !onItsWay) {
    const field = document.activeElement;
    if (!field.form || field.tagName !== "INPUT") {
      drop();
      return;
    }
    const key = ahead.shift();
    if (key === "Enter") {
      field.form.requestSubmit(field.form.querySelector("[type=submit]"));
    } else {
      field.setRangeText(key, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}

function drop() {
  if (!ahead.length) return;
  ahead.length = 0;
  const said = [$("said").textContent, "What was typed meanwhile is dropped: type it again."];
  $("said").textContent = said.filter(Boolean).join(" · "); // why may stand there
}

// A second Enter in a row is one too many: some scanners end a code by two, and a key may be held.
function keep(event) {
  if (event.key === "Enter" && event.repeat) event.preventDefault();
  if (!onItsWay || event.ctrlKey || event.altKey || event.metaKey) return;
  const before = ahead.at(-1);
  if (event.key === "Backspace") {
    if (before !== "Enter") ahead.pop();
  } else if (event.key === "Enter") {
    if (before !== undefined && before !== "Enter") ahead.push("Enter");
  } else if (event.key.length === 1) {
    ahead.push(event.key);
  } else {
    return;
  }
  event.preventDefault();
}

document.addEventListener("keydown", keep, true);
