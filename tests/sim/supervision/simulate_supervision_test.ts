import assert from "node:assert/strict";
import { evolve, type SupervisionState } from "../../../actors/supervision/mod.ts";
import { EVENTS_TO_SEE } from "../../supervision_kit.ts";
import { type Defect, simulateSupervision } from "./simulate_supervision.ts";

Deno.test("simulation: trees keep their promises over 300 seeds with faults and operators", () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 300; seed++) {
    for (const { type } of simulateSupervision(seed)) seen.add(type);
  }
  for (const type of EVENTS_TO_SEE) assert.ok(seen.has(type), `no seed led to ${type}`);
});

Deno.test("simulation: the same seed gives the same tree and the same events", () => {
  assert.deepEqual(simulateSupervision(77), simulateSupervision(77));
  assert.notDeepEqual(simulateSupervision(77), simulateSupervision(78));
});

type Node = SupervisionState["root"] | SupervisionState["root"]["children"][number];

/** Spoils all nodes of a state. */
const spoil = (change: (node: Node) => void): Defect => ({
  state: (state) => [...state.nodes.values()].forEach(change),
});

const plantSpec = (node: Node, change: object) =>
  Object.assign(node, { spec: { ...node.spec, ...change } });

const DEFECTS: Record<string, { defect: Defect; message: RegExp }> = {
  "restarts are not counted": {
    defect: spoil((node) => node.kind === "supervisor" && node.restartsAt.splice(0)),
    message: /restarts beyond its intensity/,
  },
  "a restart is counted twice": {
    defect: spoil((node) => {
      if (node.kind === "supervisor") node.restartsAt.push(...node.restartsAt.slice(-1));
    }),
    message: /gives up within its intensity/,
  },
  "children are started in the wrong order": {
    defect: spoil((node) => Object.assign(node, { position: -Math.abs(node.position) })),
    message: /starts before \w+, which is left of it/,
  },
  "children are stopped in the wrong order": {
    defect: {
      command: (command, state) => {
        if (command.type === "Stop") state.root.children.reverse();
        return command;
      },
    },
    message: /is stopped before what is right of it/,
  },
  "a report of an older incarnation is accepted": {
    defect: {
      command: (command, state) =>
        "incarnation" in command
          ? { ...command, incarnation: state.nodes.get(command.id)?.incarnation ?? 0 }
          : command,
    },
    message: /is started while an older incarnation lives/,
  },
  "a temporary child is restarted": {
    defect: spoil((node) => {
      if (node.kind === "actor" && node.spec.restart === "temporary") {
        plantSpec(node, { restart: "permanent" });
      }
    }),
    message: /is restarted, but may stay down/,
  },
  "a transient child is restarted after a normal end": {
    defect: spoil((node) => {
      if (node.kind === "actor" && node.spec.restart === "transient") {
        plantSpec(node, { restart: "permanent" });
      }
    }),
    message: /is restarted, but may stay down/,
  },
  "one_for_all restarts one": {
    defect: spoil((node) => {
      if (node.kind === "supervisor" && node.spec.strategy === "one_for_all") {
        plantSpec(node, { strategy: "one_for_one" });
      }
    }),
    message: /restarts others than its strategy says/,
  },
  "the restart delay is skipped": {
    defect: spoil((node) => {
      if (node.startAt !== null) node.startAt = 0;
    }),
    message: /before its delay is over/,
  },
  "an exit is forgotten": {
    defect: spoil((node) => node.kind === "supervisor" && node.exits.splice(0)),
    message: /is at rest/,
  },
  "a supervisor does not wait for its children": {
    defect: spoil((node) => {
      if (node.kind === "supervisor") node.busyWith = null;
    }),
    message: /starts while another starts or stops/,
  },
  "a child counts as stopped once it was asked": {
    defect: {
      state: (state) => {
        const reason = { type: "shutdown" } as const;
        for (const { id, incarnation, status } of [...state.changing]) {
          if (status !== "stopping") continue;
          evolve(state, { type: "ChildStopped", at: state.at, id, incarnation, reason });
        }
      },
    },
    message: /ended with something alive/,
  },
  "an event is lost": {
    defect: {
      journal: (events) => {
        const at = events.findLastIndex(({ type }) => type === "ChildStarted");
        return at < 0 ? events : events.toSpliced(at, 1);
      },
    },
    message: /the fold differs/,
  },
};

for (const [name, { defect, message }] of Object.entries(DEFECTS)) {
  Deno.test(`simulation: the checkers see when ${name}`, () => {
    let caught: unknown;
    for (let seed = 1; seed <= 100 && caught === undefined; seed++) {
      try {
        simulateSupervision(seed, defect);
      } catch (error) {
        caught = error;
      }
    }
    assert.ok(caught instanceof Error, "100 seeds did not show the defect");
    assert.match(caught.message, message);
  });
}
