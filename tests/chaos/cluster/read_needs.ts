import { parse } from "yaml";

/** What each task of a workflow file needs, by task. */
export async function readNeeds(file: string): Promise<Map<string, string[]>> {
  const { tasks } = parse(await Deno.readTextFile(file));
  const entries = Object.entries<{ needs?: string[] }>(tasks);
  return new Map(entries.map(([task, { needs = [] }]) => [task, needs]));
}
