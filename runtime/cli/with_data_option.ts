/** Where runs are kept unless `--data` says otherwise. */
export const DATA_DIR_DEFAULT = ".denizen";

/** Commands of ours that look at the data directory, up to the end of the sentence or line. */
const COMMANDS = /deno task (?:denizen )?(?:runs|run|audit|actors|dead-letters|doctor)\b[^;\n]*/g;

/**
 * The text with `--data DIR` on every command of ours in it, so that what a user copies works on the
 * folder at hand. The default folder needs no option.
 */
export function withDataOption(text: string, dataDir: string): string {
  if (dataDir === DATA_DIR_DEFAULT) return text;
  return text.replace(COMMANDS, (command) => `${command} --data ${shellWord(dataDir)}`);
}

/** One word for a shell, quoted only where it must be. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
