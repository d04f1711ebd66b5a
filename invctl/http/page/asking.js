// What is asked of the server: with the token, for as long as it may take, and a change once.
"use strict";

const KEEP = "invctl-token";
const PATIENCE = 30000; // a server that is there has answered by then, be it that it is locked

let token = localStorage.getItem(KEEP);
let unsure = null; // the change of which nobody knows what became: what was asked, and its key

class Refused extends Error {
  constructor(status, body) {
    const details = body.details || {};
    const now = details.renamed_to ? `: it is ${details.renamed_to} by now` : "";
    super(inOwnTime(body.detail || `the server answered ${status}`) + now);
    this.status = status;
    this.code = body.code;
    this.details = details;
  }
}

// What was asked for may have been done, or not.
class Unsure extends Error {
  constructor() {
    super("No answer: it may have happened. Press the same again: it will be done once.");
  }
}

async function ask(method, path, body, more = {}) {
  const headers = { ...more };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const signal = AbortSignal.timeout(PATIENCE);
  const asked = { method, headers, body: JSON.stringify(body), cache: "no-store", signal };
  const answer = await fetch(path, asked).catch(() => { throw new Error("The server does not answer."); });
  if (answer.ok) return answer.json();
  const said = await answer.json().catch(() => ({}));
  if (answer.status === 401) lockOut(token ? "That token is nobody's." : "");
  throw new Refused(answer.status, said);
}

const newKey = () => `page-${crypto.randomUUID ? crypto.randomUUID() : Date.now() + "-" + Math.random()}`;
const pause = (ms) => new Promise((go) => setTimeout(go, ms));

// A change is asked for again, under its key, until it is known what became of it. Where that is
// not known in the end, the same change keeps its key when it is asked for once more.
async function change(method, path, body) {
  const what = `${method} ${path} ${JSON.stringify(body)}`;
  const isAgain = unsure !== null && unsure.what === what;
  const key = isAgain ? unsure.key : newKey();
  let mayBeDone = isAgain;
  for (let tries = 0; ; tries += 1) {
    try {
      const record = await ask(method, path, body, { "Idempotency-Key": key });
      unsure = null;
      return { ...record, isAgain: isAgain && record.replayed };
    } catch (error) {
      const status = error instanceof Refused ? error.status : 0;
      const isUnknown = status === 0 || status === 504 || (status > 500 && !error.code);
      if (isUnknown) mayBeDone = true;
      else if (status !== 401 && status !== 503) mayBeDone = false;
      const passing = isUnknown || status === 503;
      if (!passing || tries === 4) {
        if (mayBeDone) unsure = { what, key };
        else if (isAgain) unsure = null;
        throw mayBeDone ? new Unsure() : error;
      }
      say("Not done yet: it is asked again.", "");
      await pause(300 * 2 ** tries);
    }
  }
}
