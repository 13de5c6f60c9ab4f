/**
 * `deno run -A --config chromium.json unpack_chromium.ts`: unpacks Chromium into the folder for
 * temporary files, and prints the path of the program. It has a configuration of its own, so that
 * nobody downloads a browser who only runs workflows.
 *
 * @module
 */
if (import.meta.main) {
  // By a name that is known only when this runs: Deno then fetches it here, and nowhere else.
  const name: string = "@sparticuz/chromium";
  const { default: unpacker } = await import(name);
  console.log(await unpacker.executablePath());
}
