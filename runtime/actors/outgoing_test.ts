import assert from "node:assert/strict";
import type { DeliveryRow, NodeFrame, SeatRow } from "../../actors/frames.ts";
import { type FrameTaker, Outgoing } from "./outgoing.ts";

function takerOf(frames: NodeFrame[]): FrameTaker {
  return { send: (frame) => void frames.push(frame) };
}

const SEAT: SeatRow = [1, 1, "actor://a/b", "b", null, 0];

function rowOf(seq: number): DeliveryRow {
  return [seq, 1, "work", null, "external", "id", null];
}

Deno.test("Outgoing sends one frame of each kind in a turn, activations first", () => {
  const frames: NodeFrame[] = [];
  const cell = takerOf(frames);
  const outgoing = new Outgoing();
  for (const token of [7, 8, 9, 12, 13, 5]) outgoing.taken(cell, token);
  outgoing.deliver(cell, rowOf(2), 10);
  outgoing.answer(cell, [3, "answer"], 10);
  outgoing.activate(cell, SEAT, 0);
  outgoing.deliver(cell, rowOf(3), 10);
  assert.deepEqual(frames, []);
  outgoing.flush();
  assert.deepEqual(frames, [
    ["activate", [SEAT]],
    ["deliver", [rowOf(2), rowOf(3)]],
    ["answers", [[3, "answer"]]],
    ["sent", [[7, 9], [12, 13], [5, 5]], []],
  ]);
  outgoing.flush();
  assert.equal(frames.length, 4);
});

Deno.test("Outgoing cuts what is large into several frames, in order, each cell for itself", () => {
  const [large, small]: NodeFrame[][] = [[], []];
  const [one, other] = [takerOf(large!), takerOf(small!)];
  const outgoing = new Outgoing();
  outgoing.deliver(other, rowOf(1), 10);
  for (let seq = 1; seq <= 5; seq++) outgoing.deliver(one, rowOf(seq), 600_000);
  outgoing.flush();
  assert.deepEqual(large, [
    ["deliver", [rowOf(1), rowOf(2)]],
    ["deliver", [rowOf(3), rowOf(4)]],
    ["deliver", [rowOf(5)]],
  ]);
  assert.deepEqual(small, [["deliver", [rowOf(1)]]]);
});
