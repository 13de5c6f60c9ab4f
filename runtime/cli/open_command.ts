import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { withLocalNode } from "./with_server.ts";

/** Programs that show a page, by system. */
const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ["open"],
  windows: ["cmd", "/c", "start", ""],
};

/**
 * `open`: prints a link that signs a browser in to the dashboard, once, and shows it where there is a
 * display. Whoever may read and write the store needs no key.
 */
export async function open(invocation: Invocation): Promise<number> {
  const { terminal, isJson, flag } = invocation;
  const signInUrl = await withLocalNode(invocation, ({ url, access }) => access.signInLink(url));
  const isOpened = !flag("print") && await showInBrowser(signInUrl);
  if (isJson) terminal.out(`${JSON.stringify({ signInUrl, isOpened })}\n`);
  else terminal.out(`${signInUrl}\n`);
  if (!isJson) terminal.err("It signs one browser in, once, within ten minutes\n");
  return EXIT.completed;
}

async function showInBrowser(url: string): Promise<boolean> {
  const [program, ...args] = OPENERS[Deno.build.os] ?? ["xdg-open"];
  const hasDisplay = program !== "xdg-open" ||
    [Deno.env.get("DISPLAY"), Deno.env.get("WAYLAND_DISPLAY")].some((name) => !!name);
  if (!hasDisplay) return false;
  try {
    const quiet = { stdin: "null", stdout: "null", stderr: "null" } as const;
    const { success } = await new Deno.Command(program!, { args: [...args, url], ...quiet })
      .output();
    return success;
  } catch {
    return false; // The link is printed all the same.
  }
}
