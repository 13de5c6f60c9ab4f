import type { DocumentStore } from "../../core/document_ports.ts";
import { InvalidInputError } from "../../core/errors.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import type { SavedView, SavedViews } from "./saved_views.ts";

const COLLECTION = "views";
const VIEWS_MAX = 100;
const NAME_CHARS_MAX = 64;
const FILTERS_CHARS_MAX = 8 * 1024;

/** See {@linkcode SavedViews}. */
export class StoredViews implements SavedViews {
  readonly #documents: DocumentStore;
  readonly #now: () => number;

  /** @param now epoch milliseconds */
  constructor(documents: DocumentStore, now: () => number) {
    this.#documents = documents;
    this.#now = now;
  }

  async list(owner: string): Promise<SavedView[]> {
    const prefix = prefixOf(owner);
    const found = await this.#documents.list(COLLECTION, { prefix, limit: VIEWS_MAX });
    return found.map(({ value }) => toView(value)).sort((a, b) => a.name < b.name ? -1 : 1);
  }

  async get(owner: string, name: string): Promise<SavedView> {
    const found = isName(name) ? await this.#documents.get(COLLECTION, keyOf(owner, name)) : null;
    if (found === null) throw viewUnknown(name);
    return toView(found.value);
  }

  async put(owner: string, name: string, filters: JsonObject): Promise<SavedView> {
    if (!isName(name)) throw wrong(`"${name.slice(0, NAME_CHARS_MAX)}" is no name for it`);
    if (JSON.stringify(filters).length > FILTERS_CHARS_MAX) {
      throw wrong(`its filters have more than ${FILTERS_CHARS_MAX} characters`);
    }
    const views = await this.list(owner);
    if (views.length >= VIEWS_MAX && views.every((view) => view.name !== name)) {
      throw wrong(`there are ${VIEWS_MAX} already`);
    }
    const view: SavedView = { name, filters, updatedAt: new Date(this.#now()).toISOString() };
    await this.#documents.put(COLLECTION, keyOf(owner, name), { ...view });
    return view;
  }

  async remove(owner: string, name: string): Promise<void> {
    const isGone = isName(name) && await this.#documents.delete(COLLECTION, keyOf(owner, name));
    if (!isGone) throw viewUnknown(name);
  }
}

function toView(value: Json): SavedView {
  return value as unknown as SavedView;
}

function isName(name: string): boolean {
  // deno-lint-ignore no-control-regex
  return name.length > 0 && name.length <= NAME_CHARS_MAX && !/[\x00-\x1f]/.test(name) &&
    name.isWellFormed();
}

/** No owner's keys begin as those of another. */
function prefixOf(owner: string): string {
  return `${encodeURIComponent(owner)}/`;
}

function keyOf(owner: string, name: string): string {
  return `${prefixOf(owner)}${name}`;
}

function viewUnknown(name: string): InvalidInputError {
  return new InvalidInputError("VIEW_NOT_FOUND", {
    message: `Found no saved view "${name.slice(0, NAME_CHARS_MAX)}"`,
    hint: "List those that you saved",
  });
}

function wrong(why: string): InvalidInputError {
  return new InvalidInputError("VIEW_WRONG", {
    message: `Cannot save the view: ${why}`,
    hint: `Keep up to ${VIEWS_MAX} views with names of 1 to ${NAME_CHARS_MAX} characters`,
  });
}
