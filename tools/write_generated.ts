/**
 * Writes `text`, formatted by `deno fmt`, to `path`. With `--check` among the arguments nothing is
 * written: the process exits with 1 when the file differs.
 */
export async function writeGenerated(path: string, text: string, type: "md" | "json") {
  const wanted = await format(text, type);
  if (!Deno.args.includes("--check")) return await Deno.writeTextFile(path, wanted);
  const found = await Deno.readTextFile(path).catch(() => null);
  if (found === wanted) return;
  console.error(`Cannot accept "${path}": it is not what its generator writes. Run its task again`);
  Deno.exit(1);
}

async function format(text: string, type: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", type, "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const [{ success, stdout }] = await Promise.all([
    child.output(),
    new Blob([text]).stream().pipeTo(child.stdin),
  ]);
  if (!success) throw new Error(`Cannot format generated ${type}`);
  return new TextDecoder().decode(stdout);
}
