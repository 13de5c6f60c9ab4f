/**
 * Tells somebody who got the options of a program of the repository wrong.
 *
 * @module
 */

/**
 * What `read` gives; when it throws, the mistake in one line on standard error, and the process ends
 * with status 2.
 *
 * @param usage how the program is called
 */
export function readOrExit<Options>(read: () => Options, usage: string): Options {
  try {
    return read();
  } catch (error) {
    const [message] = (error instanceof Error ? error.message : String(error)).split(". ");
    console.error(`error: ${message}\nhint: Usage: ${usage}`);
    Deno.exit(2);
  }
}
