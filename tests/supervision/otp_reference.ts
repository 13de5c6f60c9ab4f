/**
 * A dumb, slow supervisor to hold the decider against: OTP's `supervisor.erl` (stdlib, Erlang/OTP 27)
 * transcribed function by function. Each supervisor is a process, written as a generator that blocks
 * where Erlang blocks, with a mailbox that it reads only when it is free. There are no restart
 * delays, as in OTP. One thing differs: who is asked to stop does not finish a start first.
 *
 * @module
 */
import type { ChildSpec, ExitReason, SupervisorSpec } from "../../actors/supervision/mod.ts";

/** A process blocks until this is true. */
type Until = () => boolean;
type Blocking<Result> = Generator<Until, Result>;

/** An actor as the supervisor sees it: something that starts, runs and ends. */
interface ActorProcess {
  type: "actor";
  id: string;
  state: "starting" | "running" | "stopping" | "dead";
  parent: SupervisorProcess;
}

interface SupervisorProcess {
  type: "supervisor";
  id: string;
  spec: SupervisorSpec;
  state: "starting" | "running" | "dead";
  parent: SupervisorProcess | null;
  mailbox: Message[];
  children: Child[];
  restarts: number[];
  isAsked: boolean;
  isIdle: boolean;
  exit: "stopped" | "gave_up" | "start_failed" | null;
  body: Blocking<void>;
  until: Until;
}

type Pid = ActorProcess | SupervisorProcess;

/** Stands for the process of a child that did not start again. */
interface Restarting {
  type: "restarting";
}

interface Child {
  spec: ChildSpec;
  pid: Pid | Restarting | null;
}

type Message =
  | { type: "EXIT"; pid: Pid; reason: ExitReason["type"] }
  | { type: "try_again"; pid: Restarting }
  | { type: "call"; call: Call; answer: (text: string) => void };

/** What an operator may ask a supervisor. */
export type Call =
  | { type: "terminate_child" | "restart_child" | "delete_child"; id: string }
  | { type: "start_child"; spec: ChildSpec };

/** What a supervisor did to an actor. */
export interface Deed {
  parent: string;
  deed: string;
}

/** Thrown through a process that is asked to stop. */
const SHUTDOWN = Symbol("shutdown");

/** A tree of processes, and what they did to actors. */
export class OtpReference {
  readonly log: Deed[] = [];
  readonly root: SupervisorProcess;
  now: number;
  readonly #processes: SupervisorProcess[] = [];
  readonly #actors = new Map<string, ActorProcess>();

  constructor(spec: SupervisorSpec, now = 0) {
    this.now = now;
    this.root = this.#spawn(spec, spec.name, null);
    this.#run();
  }

  actor(id: string): ActorProcess | undefined {
    return this.#actors.get(id);
  }

  started(id: string): void {
    this.#actors.get(id)!.state = "running";
    this.#run();
  }

  /** The actor ends: a failed start, an exit, or the answer to a stop. */
  ends(id: string, reason: ExitReason["type"]): void {
    const pid = this.#actors.get(id)!;
    const wasRunning = pid.state === "running";
    pid.state = "dead";
    if (wasRunning) pid.parent.mailbox.push({ type: "EXIT", pid, reason });
    this.#run();
  }

  stop(): void {
    this.root.isAsked = true;
    this.#run();
  }

  /** The answer to a call, or `null` when the supervisor does not come to it now. */
  call(supervisor: string, call: Call): string | null {
    const process = this.#processes.findLast(({ id, state }) =>
      id === supervisor && state !== "dead"
    );
    if (process === undefined || !process.isIdle) return null;
    let answered: string | null = null;
    process.mailbox.push({ type: "call", call, answer: (text) => answered = text });
    this.#run();
    return answered;
  }

  /** What lives, by id. */
  get living(): Record<string, string> {
    const all: Pid[] = [...this.#processes, ...this.#actors.values()];
    return Object.fromEntries(
      all.filter(({ state }) => state !== "dead").map(({ id, state }) => [id, state]).sort(),
    );
  }

  /**
   * Processes take steps until all are blocked. Where Erlang's scheduler is free to choose, whoever
   * stands highest in the tree goes first.
   */
  #run(): void {
    const next = () =>
      this.#processes.filter(({ state, until }) => state !== "dead" && until())
        .sort((a, b) => depthOf(a) - depthOf(b))[0];
    for (let process = next(); process !== undefined; process = next()) {
      const { done, value } = process.body.next();
      if (done) this.#bury(process);
      else process.until = value;
    }
  }

  #spawn(spec: SupervisorSpec, id: string, parent: SupervisorProcess | null): SupervisorProcess {
    const process: SupervisorProcess = {
      type: "supervisor",
      id,
      spec,
      state: "starting",
      parent,
      mailbox: [],
      children: spec.children.map((child) => ({ spec: child, pid: null })),
      restarts: [],
      isAsked: false,
      isIdle: false,
      exit: null,
      body: this.#body(() => process),
      until: () => true,
    };
    this.#processes.push(process);
    return process;
  }

  #bury(process: SupervisorProcess): void {
    const wasRunning = process.state === "running";
    process.state = "dead";
    if (wasRunning && !process.isAsked) {
      process.parent?.mailbox.push({ type: "EXIT", pid: process, reason: "shutdown" });
    }
  }

  *#body(self: () => SupervisorProcess): Blocking<void> {
    const me = self();
    try {
      if (yield* this.#startChildren(me, me.children)) {
        me.state = "running";
        yield* this.#loop(me);
        me.exit = "gave_up";
      } else {
        me.exit = "start_failed";
      }
      yield* this.#terminateChildren(me, me.children);
    } catch (thrown) {
      if (thrown !== SHUTDOWN) throw thrown;
      me.exit ??= "stopped";
      // What was left half done is found alive and terminated with the rest.
      yield* this.#terminateAll(me);
    }
  }

  /** Returns when the supervisor gives up. */
  *#loop(me: SupervisorProcess): Blocking<void> {
    while (true) {
      me.isIdle = me.mailbox.length === 0;
      yield* this.#block(me, () => me.mailbox.length > 0);
      me.isIdle = false;
      const message = me.mailbox.shift()!;
      if (!(yield* this.#handle(me, message))) return;
    }
  }

  *#handle(me: SupervisorProcess, message: Message): Blocking<boolean> {
    if (message.type === "call") {
      yield* this.#handleCall(me, message.call, message.answer);
      return true;
    }
    if (message.type === "try_again") {
      const child = me.children.find(({ pid }) => pid === message.pid);
      return child === undefined || (yield* this.#restart(me, child));
    }
    const child = me.children.find(({ pid }) => pid === message.pid);
    if (child === undefined) return true;
    const { restart } = child.spec;
    const isAbnormal = message.reason === "crash";
    if (restart === "permanent" || (restart === "transient" && isAbnormal)) {
      return yield* this.#restart(me, child);
    }
    this.#deleteChild(me, child);
    return true;
  }

  #deleteChild(me: SupervisorProcess, child: Child): void {
    child.pid = null;
    if (child.spec.restart === "temporary") me.children.splice(me.children.indexOf(child), 1);
  }

  /** False: too many restarts. */
  *#restart(me: SupervisorProcess, child: Child): Blocking<boolean> {
    const { restarts, periodMs } = me.spec.intensity;
    me.restarts = [this.now, ...me.restarts.filter((at) => at >= this.now - periodMs)];
    if (me.restarts.length > restarts) {
      this.#deleteChild(me, child);
      return false;
    }
    child.pid = null;
    const { strategy } = me.spec;
    const from = strategy === "one_for_all" ? 0 : me.children.indexOf(child);
    const group = strategy === "one_for_one" ? [child] : me.children.slice(from);
    const kept = yield* this.#terminateChildren(me, group);
    yield* this.#startChildren(me, kept);
    return true;
  }

  /** Right to left; the temporary ones are deleted. Returns those that are left, in start order. */
  *#terminateChildren(me: SupervisorProcess, children: Child[]): Blocking<Child[]> {
    const all = [...children];
    for (const child of all.toReversed()) {
      yield* this.#terminate(me, child);
      this.#deleteChild(me, child);
    }
    return all.filter((child) => me.children.includes(child));
  }

  *#terminate(me: SupervisorProcess, child: Child): Blocking<void> {
    const { pid } = child;
    if (pid === null || pid.type === "restarting" || pid.state === "dead") return;
    if (pid.type === "supervisor") {
      pid.isAsked = true;
    } else if (pid.state !== "stopping") {
      pid.state = "stopping";
      this.log.push({ parent: me.id, deed: `stop ${pid.id}` });
    }
    yield () => pid.state === "dead";
    if (me.isAsked && me.exit === null) throw SHUTDOWN;
  }

  /** Of a supervisor that was interrupted: one that is on its way down goes first. */
  *#terminateAll(me: SupervisorProcess): Blocking<void> {
    for (const child of me.children.toReversed()) yield* this.#terminate(me, child);
  }

  /** Left to right. False when one does not start. */
  *#startChildren(me: SupervisorProcess, children: Child[]): Blocking<boolean> {
    for (const child of children) {
      if (yield* this.#start(me, child)) continue;
      if (me.state === "running") {
        child.pid = { type: "restarting" };
        me.mailbox.push({ type: "try_again", pid: child.pid });
      }
      return false;
    }
    return true;
  }

  *#start(me: SupervisorProcess, child: Child): Blocking<boolean> {
    const pid = this.#startProcess(me, child.spec);
    child.pid = pid;
    yield* this.#block(me, () => pid.state !== "starting");
    if (pid.state === "running") return true;
    child.pid = null;
    return false;
  }

  #startProcess(me: SupervisorProcess, spec: ChildSpec): Pid {
    if (spec.kind === "supervisor") return this.#spawn(spec.supervisor, spec.id, me);
    const pid: ActorProcess = { type: "actor", id: spec.id, state: "starting", parent: me };
    this.#actors.set(spec.id, pid);
    this.log.push({ parent: me.id, deed: `start ${spec.id}` });
    return pid;
  }

  *#block(me: SupervisorProcess, until: Until): Blocking<void> {
    yield () => me.isAsked || until();
    if (me.isAsked) throw SHUTDOWN;
  }

  *#handleCall(
    me: SupervisorProcess,
    call: Call,
    answer: (text: string) => void,
  ): Blocking<void> {
    if (call.type === "start_child") {
      const child: Child = { spec: call.spec, pid: null };
      me.children.push(child);
      answer("ok");
      if (!(yield* this.#start(me, child))) me.children.splice(me.children.indexOf(child), 1);
      return;
    }
    const child = me.children.find(({ spec }) => spec.id === call.id);
    if (child === undefined) return answer("not_found");
    if (call.type === "terminate_child") {
      answer("ok");
      yield* this.#terminate(me, child);
      return this.#deleteChild(me, child);
    }
    if (child.pid !== null) return answer("running");
    answer("ok");
    if (call.type === "delete_child") me.children.splice(me.children.indexOf(child), 1);
    else yield* this.#start(me, child);
  }
}

function depthOf({ parent }: SupervisorProcess): number {
  return parent === null ? 0 : depthOf(parent) + 1;
}
