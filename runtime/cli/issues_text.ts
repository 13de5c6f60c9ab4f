import type { Issue } from "../../core/errors.ts";
import { issueText } from "./issue_text.ts";
import { painter } from "./palette.ts";

/** Every issue with its line of the file, as text. */
export async function issuesText(issues: readonly Issue[], color: boolean): Promise<string> {
  const sources = new Map<string, string | null>();
  for (const { file } of issues) {
    if (!sources.has(file)) sources.set(file, await Deno.readTextFile(file).catch(() => null));
  }
  const paint = painter(color);
  return issues.map((issue) => `${issueText(issue, sources.get(issue.file)!, paint)}\n`).join("");
}
