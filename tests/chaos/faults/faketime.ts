import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const LIBRARIES = "/usr/lib";

/** How to get the library that {@linkcode findFaketime} looks for. */
export const WHERE_FAKETIME =
  "libfaketime is missing: apt-get install -y libfaketime (Debian, Ubuntu)";

/** Path of libfaketime for programs with threads, as Debian installs it; `null` without it. */
export function findFaketime(): string | null {
  if (Deno.build.os !== "linux") return null;
  const places = readdirSync(LIBRARIES)
    .map((folder) => join(LIBRARIES, folder, "faketime/libfaketimeMT.so.1"));
  return places.find((path) => existsSync(path)) ?? null;
}

/** Installs it where that can be done without asking: as root, on Debian. */
export async function installFaketime(): Promise<void> {
  if (findFaketime() !== null || Deno.build.os !== "linux" || Deno.uid() !== 0) return;
  const install = () =>
    new Deno.Command("apt-get", {
      args: ["install", "-y", "--no-install-recommends", "libfaketime"],
      env: { DEBIAN_FRONTEND: "noninteractive" },
      stdin: "null",
    }).output();
  try {
    if ((await install()).success) return;
    await new Deno.Command("apt-get", { args: ["update"] }).output();
    await install();
  } catch {
    // No apt-get here: the faults that need the library say how to get it.
  }
}
