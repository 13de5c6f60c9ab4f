import {
  createElection,
  decideElection,
  type ElectionAction,
  type ElectionInput,
  type ElectionState,
  isConfirmed,
  living,
  nextTickAt,
} from "../../../actors/election/mod.ts";
import type { Member } from "../../../core/cluster_ports.ts";
import type { Fence, Term } from "../../../core/ports.ts";
import type { ClusterNode } from "./cluster_node.ts";

export const ELECTION_TIMEOUT_MS = 1_000;
export const HEARTBEAT_MS = 200;
/** Others watch for a whole time-out: so long a heartbeat keeps them from giving its sender up. */
const VOUCHED_MS = 0.8 * ELECTION_TIMEOUT_MS;

/** The real election decider, and what it asks for. */
export class NodeElection {
  readonly #node: ClusterNode;
  readonly #state: ElectionState;
  readonly #fences = new Map<number, Fence>();
  #isBeating = false;
  #looks: "none" | "one" | "again" = "none";
  #tickAt = Infinity;
  /** True instant at which others last had reason to give the node up. */
  outOfTouchAt = -1;
  /** Boots of this node that were there before its own first heartbeat. */
  readonly #predecessors = new Set<string>();
  readonly #everSeen = new Set<string>();

  constructor(node: ClusterNode, partitions: number) {
    this.#node = node;
    const { nodeId, processStart: boot } = node.holder;
    const times = { electionTimeoutMs: ELECTION_TIMEOUT_MS, heartbeatMs: HEARTBEAT_MS };
    this.#state = createElection({ nodeId, boot, partitions, ...times }, this.#monotonic());
  }

  start(): void {
    this.#arm();
  }

  #monotonic(): number {
    const { clock } = this.#node.process;
    return this.#node.defect === "wall clock trusted" ? clock.wall() : clock.monotonic();
  }

  /** Whether leadership is confirmed at this instant. */
  isConfirmed(partition: number): boolean {
    if (this.#node.defect === "lease ignored") return true;
    return isConfirmed(this.#state, partition, this.#monotonic());
  }

  /** Whether nobody has reason to give the node up. */
  isInTouch(): boolean {
    return this.#monotonic() < this.#state.beatSentAt + VOUCHED_MS;
  }

  /** Nodes whose attempts go on, as `name/boot`. */
  living(): ReadonlySet<string> {
    const { defect, name } = this.#node;
    if (defect === "nothing adopted") return new Set([name]);
    const names = living(this.#state, this.#monotonic());
    if (defect !== "stale adoption") return names;
    for (const one of names) this.#everSeen.add(one);
    return this.#everSeen;
  }

  /** A write of that term was refused. */
  fenced(fence: Fence): void {
    this.#feed({ type: "fenced", at: this.#monotonic(), ...placeOf(fence) });
  }

  /** The node cannot go on with the partition as it is. */
  surrender(fence: Fence): void {
    this.#feed({ type: "surrender", at: this.#monotonic(), ...placeOf(fence) });
  }

  drain(): void {
    this.#feed({ type: "drain", at: this.#monotonic() });
  }

  #feed(input: ElectionInput): void {
    const { actions } = decideElection(input, this.#state);
    if (this.#node.defect === "claims at once") forgetCaution(this.#state);
    for (const action of actions) this.#act(action);
    if (this.#state.isReplaced) return this.#node.die();
    this.#arm();
  }

  #arm(): void {
    const next = nextTickAt(this.#state);
    if (next >= this.#tickAt || !Number.isFinite(next)) return;
    this.#tickAt = next;
    this.#node.process.after(Math.max(0.01, next - this.#monotonic()), () => {
      if (this.#tickAt !== next) return;
      this.#tickAt = Infinity;
      this.#feed({ type: "tick", at: this.#monotonic(), random: this.#node.world.random.next() });
    });
  }

  #act(action: ElectionAction): void {
    switch (action.type) {
      case "beat":
        return this.#sendBeat();
      case "look":
        return this.#look();
      case "claim":
        return this.#claim(action.partition, action.seenTerm);
      case "lead":
        return this.#lead(action.partition);
      case "suspend":
        return;
      case "resume":
        return this.#node.led.get(action.partition)?.resume();
      case "stepDown":
        this.#node.world.note(
          `${this.#node.name} steps down from ${action.partition}: ${action.reason}`,
        );
        this.#node.world.count(`steps down: ${action.reason}`);
        return this.#node.drop(action.partition);
      case "handOver":
        return this.#handOver(action.partition, action.heir);
    }
  }

  #sendBeat(): void {
    if (this.#isBeating) return;
    this.#isBeating = true;
    const sentAt = this.#monotonic();
    const member = this.#node.member();
    const known = [...this.#predecessors];
    this.#node.link.call("write", () => this.#node.store.beat(member, known), {
      done: (isWritten) => {
        this.#isBeating = false;
        const at = this.#monotonic();
        if (!isWritten) return this.#feed({ type: "beatFailed", at });
        if (!this.isInTouch()) this.outOfTouchAt = this.#node.world.at;
        const isLate = this.#node.defect === "lease counted from the answer";
        this.#feed({ type: "beatConfirmed", at, sentAt: isLate ? at : sentAt });
      },
      failed: () => {
        this.#isBeating = false;
        this.#feed({ type: "beatFailed", at: this.#monotonic() });
      },
    });
  }

  #look(): void {
    if (this.#looks !== "none") {
      this.#looks = "again";
      return;
    }
    this.#looks = "one";
    const askedAt = this.#monotonic();
    const read = () => ({
      members: [...this.#node.store.members.values()],
      terms: this.#node.store.terms(),
    });
    this.#node.link.call("read", read, {
      done: ({ members, terms }) => {
        this.#lookAgainIfAsked();
        const at = this.#monotonic();
        if (this.#state.beatConfirmedAt < 0) this.#notePredecessors(members);
        const isLate = this.#node.defect === "lease counted from the answer";
        const random = this.#node.world.random.next();
        this.#feed({
          type: "seen",
          at,
          askedAt: isLate ? at : askedAt,
          members,
          terms: this.#node.defect === "no step-down on a seen term" ? this.#blinded(terms) : terms,
          random,
        });
        for (const partition of this.#node.led.values()) partition.loseGone();
      },
      failed: () => this.#lookAgainIfAsked(),
    });
  }

  #notePredecessors(members: readonly Member[]): void {
    for (const { nodeId, boot } of members) {
      if (nodeId === this.#node.holder.nodeId) this.#predecessors.add(boot);
    }
  }

  #lookAgainIfAsked(): void {
    const isAsked = this.#looks === "again";
    this.#looks = "none";
    if (isAsked) this.#look();
  }

  /** What a node sees that does not look at the terms of what it leads. */
  #blinded(terms: Term[]): Term[] {
    return terms.filter(({ partition }) => !this.#node.led.has(partition));
  }

  #claim(partition: number, seenTerm: number): void {
    this.#node.link.call(
      "write",
      () => this.#node.store.claim(partition, this.#node.holder, seenTerm),
      {
        done: (fence) => {
          const at = this.#monotonic();
          if (fence === null) return this.#feed({ type: "claimRefused", at, partition });
          this.#fences.set(partition, fence);
          this.#node.world.note(`${this.#node.name} has term ${fence.term} of ${partition}`);
          this.#feed({ type: "claimed", at, partition, term: fence.term });
        },
        failed: () => this.#feed({ type: "claimUnknown", at: this.#monotonic(), partition }),
      },
    );
  }

  #lead(partition: number): void {
    const fence = this.#fences.get(partition)!;
    this.#node.world.note(`${this.#node.name} leads ${partition} in term ${fence.term}`);
    this.#node.world.count("leads");
    this.#node.lead(fence);
  }

  #handOver(partition: number, heir: string | null): void {
    this.#node.world.count("hands over");
    const led = this.#node.led.get(partition);
    const fence = this.#fences.get(partition)!;
    const release = () => {
      this.#node.drop(partition);
      const done = () =>
        this.#feed({ type: "handedOver", at: this.#monotonic(), ...placeOf(fence) });
      this.#node.link.call("write", () => this.#node.store.release(fence, heir), {
        done,
        failed: done,
      });
    };
    if (led === undefined) release();
    else led.close(release);
  }
}

function placeOf({ partition, term }: Fence): { partition: number; term: number } {
  return { partition, term };
}

/** Nobody's silence is waited for. */
function forgetCaution(state: ElectionState): void {
  for (const watch of Object.values(state.watches)) watch.timeoutMs = 0;
  for (const one of state.partitions) one.rival = null;
}
