/**
 * `deno run -A --config chromium.json unpack_chromium.ts`: unpacks Chromium into the folder for
 * temporary files, and prints the path of the program. It has a configuration of its own, so that
 * nobody downloads a browser who only runs workflows.
 *
 * @module
 */
if (import.meta.main) {
  const { default: unpacker } = await import(import.meta.resolve("@sparticuz/chromium"));
  console.log(await unpacker.executablePath());
}
