import { hidePassword } from "../store/postgres/hide_password.ts";
import { DATA_DIR_DEFAULT } from "./data_dir.ts";

/** Commands of ours that look at the data directory, up to the end of the sentence or line. */
const COMMANDS = /deno task (?:denizen )?(?:runs|run|audit|actors|dead-letters|doctor)\b[^;\n]*/g;

/**
 * The text with `--data DIR` and `--store URL` on every command of ours in it, so that what a user
 * copies works on the place at hand. The default folder needs no option. A password is left out.
 */
export function withDataOption(
  text: string,
  { dataDir, store }: { dataDir: string; store?: string },
): string {
  const data = dataDir === DATA_DIR_DEFAULT ? "" : ` --data ${shellWord(dataDir)}`;
  const options = store === undefined ? data : `${data} --store ${shellWord(hidePassword(store))}`;
  return text.replace(COMMANDS, (command) => `${command}${options}`);
}

/** One word for a shell, quoted only where it must be. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
