import { InvalidInputError } from "../../core/errors.ts";
import type { ActorReader } from "../node/actor_reader.ts";
import type { Invocation } from "./command.ts";
import { plainText } from "./plain_text.ts";
import { requireFolder } from "./require_folder.ts";
import { withDataOption } from "./with_data_option.ts";

/**
 * Opens the actor systems of the data directory for the time of `work`.
 *
 * @throws {InvalidInputError} `DATA_DIR_MISSING` when nothing was ever run there
 * @throws {UnavailableError} `STORE_UNAVAILABLE` when it is a file
 */
export async function withActors<T>(
  { dataDir, store }: Invocation,
  work: (actors: ActorReader) => Promise<T>,
): Promise<T> {
  await requireFolder(dataDir);
  const { openActorReader } = await import("../node/actor_reader.ts");
  const actors = await openActorReader({ dataDir, store });
  try {
    return await work(actors);
  } finally {
    actors.close();
  }
}

/** For lists: a folder in which nothing ever ran has nothing to list, which is no error. */
export function nothingYet(error: unknown, { terminal, dataDir, store }: Invocation): [] {
  if (!(error instanceof InvalidInputError) || error.code !== "DATA_DIR_MISSING") throw error;
  const hint = withDataOption(error.hint ?? "", { dataDir, store });
  terminal.err(`${plainText(error.message)}\nhint: ${plainText(hint)}\n`);
  return [];
}
