import { DenizenError, UnavailableError } from "../../core/errors.ts";

/**
 * Opens what lies in the state directory.
 *
 * @throws {UnavailableError} `STORE_UNAVAILABLE` when the system refuses it: no database, no
 *   permission, no space
 */
export async function openState<T>(dataDir: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (cause) {
    if (cause instanceof DenizenError) throw cause;
    throw new UnavailableError("STORE_UNAVAILABLE", {
      message: `Cannot open the state in "${dataDir}": ${
        cause instanceof Error ? cause.message : String(cause)
      }`,
      hint: "Look with: deno task denizen doctor; or choose another folder with --data DIR",
      cause,
    });
  }
}
