import type {
  BellTopic,
  ClusterSettings,
  ClusterStore,
  Doorbell,
  Letter,
  Member,
} from "../../core/cluster_ports.ts";
import type { Json } from "../../core/json.ts";

const LETTERS_PAGE = 100;

/** Opens the memory that nodes within this process share. */
export function openMemoryClusterStore(): ClusterStore {
  return new MemoryClusterStore();
}

class MemoryClusterStore implements ClusterStore {
  readonly bell = new MemoryBell();
  readonly #members = new Map<string, Member>();
  readonly #letters = new Map<string, Letter[]>();
  #settings: ClusterSettings | null = null;
  #posted = 0;

  beat(member: Member, predecessors: readonly string[] = []): Promise<boolean> {
    const boot = this.#members.get(member.nodeId)?.boot ?? member.boot;
    if (boot !== member.boot && !predecessors.includes(boot)) return Promise.resolve(false);
    this.#members.set(member.nodeId, structuredClone(member));
    return Promise.resolve(true);
  }

  members(): Promise<Member[]> {
    const names = [...this.#members.keys()].sort();
    return Promise.resolve(names.map((name) => structuredClone(this.#members.get(name)!)));
  }

  leave(nodeId: string, boot: string): Promise<void> {
    if (this.#members.get(nodeId)?.boot === boot) {
      this.#members.delete(nodeId);
      this.#letters.delete(nodeId);
    }
    return Promise.resolve();
  }

  settings(wish: ClusterSettings): Promise<ClusterSettings> {
    this.#settings ??= { ...wish };
    return Promise.resolve({ ...this.#settings });
  }

  knownSettings(): Promise<ClusterSettings | null> {
    return Promise.resolve(this.#settings && { ...this.#settings });
  }

  post(nodeId: string, bodies: readonly Json[]): Promise<void> {
    const letters = this.#letters.get(nodeId) ?? [];
    for (const body of bodies) {
      const id = String(++this.#posted).padStart(20, "0");
      letters.push({ id, body: structuredClone(body) });
    }
    this.#letters.set(nodeId, letters);
    return Promise.resolve();
  }

  letters(nodeId: string): Promise<Letter[]> {
    const letters = this.#letters.get(nodeId) ?? [];
    return Promise.resolve(structuredClone(letters.slice(0, LETTERS_PAGE)));
  }

  discard(nodeId: string, ids: readonly string[]): Promise<void> {
    const gone = new Set(ids);
    const left = (this.#letters.get(nodeId) ?? []).filter(({ id }) => !gone.has(id));
    this.#letters.set(nodeId, left);
    return Promise.resolve();
  }
}

/** Rings within the process, in the turn after. */
class MemoryBell implements Doorbell {
  readonly #listeners = new Set<(topic: BellTopic) => void>();

  ring(topics: readonly BellTopic[]): void {
    for (const topic of new Set(topics)) {
      queueMicrotask(() => {
        for (const tell of this.#listeners) tell(topic);
      });
    }
  }

  listen(onRing: (topic: BellTopic) => void): () => void {
    // The same function may listen twice, and each is ended by itself.
    const tell = (topic: BellTopic) => onRing(topic);
    this.#listeners.add(tell);
    return () => this.#listeners.delete(tell);
  }
}
