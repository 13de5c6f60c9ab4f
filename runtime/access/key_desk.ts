import { ForbiddenError } from "../../core/errors.ts";
import type { Clock } from "../../core/ports.ts";
import { findExcess, type Principal } from "../../rules/access/mod.ts";
import type { AccessJournal } from "./access_journal.ts";
import { type ApiKeys, keyNotFound, type KeyView, type NewKey } from "./api_keys.ts";
import { type KeyRequest, readKeyRequest } from "./key_wish.ts";
import type { RequestPlace } from "./request_context.ts";

/** Who works with keys, and by which request. */
export interface KeyActor {
  principal: Principal;
  place: RequestPlace;
}

/** A page of keys. */
export interface KeyPage {
  items: KeyView[];
  nextCursor: string | null;
}

const PAGE = 200;

/** Keys as somebody may work with them: those of their tenant, and none that may more than they. */
export class KeyDesk {
  readonly #keys: ApiKeys;
  readonly #journal: AccessJournal;
  readonly #clock: Clock;
  readonly #onChange: () => void;

  /** @param options `onChange`: called when something counts no more */
  constructor(
    options: { keys: ApiKeys; journal: AccessJournal; clock: Clock; onChange: () => void },
  ) {
    this.#keys = options.keys;
    this.#journal = options.journal;
    this.#clock = options.clock;
    this.#onChange = options.onChange;
  }

  /**
   * Makes a key that may no more than its maker. Whoever belongs to a tenant makes keys of it.
   *
   * @throws {InvalidInputError} `KEY_INVALID`
   * @throws {ForbiddenError} `RIGHTS_EXCEEDED`
   */
  async create(request: KeyRequest, actor: KeyActor): Promise<NewKey> {
    const { principal } = actor;
    const tenant = request.tenant ?? principal.tenant;
    const wish = readKeyRequest({ ...request, tenant }, this.#clock.now());
    const excess = findExcess(wish, principal);
    if (excess !== null) throw this.#exceeded(excess, actor);
    const made = await this.#keys.create(wish, principal.id);
    this.#note(actor, "key-create", `Made key "${wish.name}" for ${wish.role}`, made.key.id);
    return made;
  }

  /**
   * Newest first.
   *
   * @param options `limit`: 1 to 200; `after`: `nextCursor` of the page before
   */
  async list(
    principal: Principal,
    { limit, after }: { limit: number; after?: string },
  ): Promise<KeyPage> {
    const items: KeyView[] = [];
    for (let last = after; items.length <= limit;) {
      const page = await this.#keys.list({ limit: PAGE, after: last });
      items.push(...page.filter((key) => isOf(key, principal)));
      last = page.at(-1)?.id;
      if (page.length < PAGE) break;
    }
    const isLast = items.length <= limit;
    const shown = items.slice(0, limit);
    return { items: shown, nextCursor: isLast ? null : shown.at(-1)!.id };
  }

  /** @throws {InvalidInputError} `KEY_NOT_FOUND`, also for those of another tenant */
  async get(id: string, actor: KeyActor): Promise<KeyView> {
    const key = await this.#keys.get(id);
    if (isOf(key, actor.principal)) return key;
    const { principal, place } = actor;
    const message = `Cannot reach key "${id}" of another tenant`;
    this.#journal.refuse({ principal, place, code: "OTHER_TENANT", message, to: `key:${id}` });
    throw keyNotFound(id);
  }

  /**
   * Gives a key another secret; the one before counts for `graceMs` yet.
   *
   * @throws {InvalidInputError} `KEY_NOT_FOUND`, `KEY_INVALID`
   * @throws {ConflictError} `KEY_REVOKED`
   * @throws {ForbiddenError} `RIGHTS_EXCEEDED`: whoever rotates a key has it afterwards
   */
  async rotate(id: string, actor: KeyActor, graceMs = 0): Promise<NewKey> {
    const excess = findExcess(await this.get(id, actor), actor.principal);
    if (excess !== null) throw this.#exceeded(excess, actor);
    const made = await this.#keys.rotate(id, graceMs);
    this.#onChange();
    this.#note(actor, "key-rotate", `Gave key "${made.key.name}" another secret`, id);
    return made;
  }

  /**
   * Ends a key, its sessions and its tokens.
   *
   * @throws {InvalidInputError} `KEY_NOT_FOUND`
   * @throws {ConflictError} `KEY_REVOKED`
   * @throws {ForbiddenError} `RIGHTS_EXCEEDED`: nobody locks out whoever may do more
   */
  async revoke(id: string, actor: KeyActor): Promise<KeyView> {
    const excess = findExcess(await this.get(id, actor), actor.principal);
    if (excess !== null) throw this.#exceeded(excess, actor);
    const key = await this.#keys.revoke(id);
    this.#onChange();
    this.#note(actor, "key-revoke", `Revoked key "${key.name}"`, id);
    return key;
  }

  /**
   * Works with a key that is there for as long as `work` takes: then nobody sees any more that there
   * was one, but in the audit log.
   *
   * @throws as {@linkcode create}, and what `work` throws
   */
  async lend<T>(
    request: KeyRequest,
    actor: KeyActor,
    work: (key: string) => Promise<T>,
  ): Promise<T> {
    const { key: { id, name }, text } = await this.create(request, actor);
    try {
      return await work(text);
    } finally {
      await this.#keys.forget(id);
      this.#onChange();
      this.#note(actor, "key-revoke", `Took key "${name}" back`, id);
    }
  }

  #note({ principal, place }: KeyActor, code: string, message: string, id: string): void {
    this.#journal.grant({ principal, place, code, message, to: `key:${id}` });
  }

  #exceeded(excess: string, { principal, place }: KeyActor): ForbiddenError {
    const message = `Cannot work with a key whose ${excess} goes beyond your own`;
    this.#journal.refuse({ principal, place, code: "RIGHTS_EXCEEDED", message });
    return new ForbiddenError("RIGHTS_EXCEEDED", {
      message,
      hint: "Narrow the key, or use one with more rights",
      details: { excess },
    });
  }
}

function isOf(key: KeyView, { tenant }: Principal): boolean {
  return tenant === null || key.tenant === tenant;
}
