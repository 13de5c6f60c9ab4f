import assert from "node:assert/strict";
import type { SystemNews } from "../actors/mod.ts";
import { SystemLog } from "./system_log.ts";

/** What a log prints of some news, without the time. */
function linesOf(news: SystemNews[], isVerbose = false): string[] {
  const lines: string[] = [];
  const log = new SystemLog((line) => lines.push(line), { isVerbose });
  for (const one of news) log.tell(one);
  log.close();
  return lines.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ""));
}

const error = { code: "BOOM", message: "it\x1b[31m broke\n" };
const crashed: SystemNews = { type: "crashed", address: "actor://a/1", error };

function refusal(to: string): SystemNews {
  return { type: "refused", from: "actor://a/1", to, messageType: "count", error };
}

Deno.test("SystemLog tells each kind of news as a clean line", () => {
  assert.deepEqual(
    linesOf([
      crashed,
      refusal("actor://b/1"),
      { type: "denied", address: "actor://a/1", permission: "read", value: "/x", message: "" },
      {
        type: "dead",
        letterId: "01",
        from: "external",
        to: "actor://b/1",
        messageType: "add",
        reason: "POISON",
      },
      { type: "tree", event: "RestartScheduled", lines: ["a/1 is restarted"] },
      {
        type: "log",
        address: "actor://a/1",
        level: "warn",
        message: "low\u202e",
        fields: { left: 1 },
      },
    ]),
    [
      "actor://a/1 crashed: BOOM it broke",
      'actor://a/1 → actor://b/1 "count" refused: BOOM it broke',
      "actor://a/1 was denied read of /x",
      'dead letter 01: external → actor://b/1 "add" POISON',
      "a/1 is restarted",
      'actor://a/1 warn: low {"left":1}',
    ],
  );
});

Deno.test("SystemLog tells what actors log at info, and all of the tree, only when verbose", () => {
  const news: SystemNews[] = [
    { type: "log", address: "actor://a/1", level: "info", message: "hello" },
    { type: "log", address: "actor://a/1", level: "debug", message: "never" },
    { type: "tree", event: "ChildStopping", lines: ["a/1: ChildStopping"] },
  ];
  assert.deepEqual(linesOf(news), []);
  assert.deepEqual(linesOf(news, true), ["actor://a/1 hello", "a/1: ChildStopping"]);
});

Deno.test("SystemLog counts what repeats, for each receiver", () => {
  const news = [...Array(1_000).fill(crashed), refusal("actor://b/1"), refusal("actor://b/2")];
  assert.deepEqual(linesOf(news), [
    "actor://a/1 crashed: BOOM it broke",
    'actor://a/1 → actor://b/1 "count" refused: BOOM it broke',
    'actor://a/1 → actor://b/2 "count" refused: BOOM it broke',
    "actor://a/1 crashed: BOOM it broke (999 times)",
  ]);
});

Deno.test("SystemLog writes no more than 100 lines in a second, whatever comes", () => {
  const news = Array.from({ length: 5_000 }, (_, n) => refusal(`actor://b/${n}`));
  const lines = linesOf(news);
  assert.equal(lines.length, 101);
  assert.equal(lines.at(-1), "… and 4900 lines more");
});
