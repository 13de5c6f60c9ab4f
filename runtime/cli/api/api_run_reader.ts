import { InvalidInputError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { RunEvent, RunView, UserWish } from "../../../workflows/mod.ts";
import type { RunReader, RunSummary } from "../../node/mod.ts";
import type { JournalledEvent } from "../../scheduler/mod.ts";
import type { ApiClient } from "./api_client.ts";

/** Runs of another machine, read through the API. */
export class ApiRunReader implements RunReader {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  async list(
    options: { limit?: number; cursor?: string; status?: string } = {},
  ): Promise<{ items: RunSummary[]; nextCursor: string | null }> {
    const { limit = 50, cursor, status } = options;
    const items: RunSummary[] = [];
    let next: string | null = cursor ?? null;
    // A page may have fewer runs than asked for, though there are more.
    do {
      const query = {
        limit: Math.min(200, limit - items.length),
        cursor: next ?? undefined,
        status,
      };
      const page = await this.#api.request("GET", "/runs", { query }) as unknown as {
        items: RunSummary[];
        nextCursor: string | null;
      };
      items.push(...page.items);
      next = page.nextCursor;
    } while (items.length < limit && next !== null);
    return { items, nextCursor: next };
  }

  async show(runId: string): Promise<RunView | null> {
    try {
      return await this.#api.request("GET", pathOf(runId)) as unknown as RunView;
    } catch (error) {
      if (error instanceof InvalidInputError && error.code === "RUN_NOT_FOUND") return null;
      throw error;
    }
  }

  async *events(runId: string): AsyncGenerator<JournalledEvent> {
    for await (const item of this.#api.pages(`${pathOf(runId)}/events`, { limit: 1_000 })) {
      const { id, event } = item as unknown as { id: string; event: RunEvent };
      yield { seq: seqOf(id), event };
    }
  }

  async *follow(runId: string, signal: AbortSignal): AsyncGenerator<JournalledEvent> {
    for await (const { id, type, data } of this.#api.stream(`${pathOf(runId)}/events`, signal)) {
      if (type === "event") yield { seq: seqOf(id!), event: JSON.parse(data).event };
    }
  }

  async isShared(runId: string): Promise<boolean> {
    const { isShared } = await this.#api.request("GET", pathOf(runId)) as { isShared: boolean };
    return isShared;
  }

  /** One of them answers. */
  hasNodes(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async request(runId: string, wish: UserWish): Promise<void> {
    const [path, body] = askOf(wish);
    await this.#api.request("POST", `${pathOf(runId)}/${path}`, { body });
  }

  close(): void {
    // Nothing is held open.
  }
}

function pathOf(runId: string): string {
  return `/runs/${encodeURIComponent(runId)}`;
}

/** Path and body of a wish. */
function askOf(wish: UserWish): [path: string, body?: JsonObject] {
  switch (wish.type) {
    case "cancel":
      return ["cancel", reasonOf(wish)];
    case "cancelTask": {
      const { task, index } = wish;
      const taskId = index === undefined ? task : `${task}[${index}]`;
      return [`tasks/${encodeURIComponent(taskId)}/cancel`, reasonOf(wish)];
    }
    case "signal": {
      const { name, payload, signalId } = wish;
      return [`signals/${encodeURIComponent(name)}`, { payload, signalId }];
    }
    default:
      return [wish.type];
  }
}

function reasonOf({ reason }: { reason?: string }): JsonObject {
  return reason === undefined ? {} : { reason };
}

function seqOf(id: string): number {
  return Number(id.split(".")[0]);
}
