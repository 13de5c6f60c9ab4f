/**
 * What the system offers to hold a cell by, found out by trying it, once per process.
 *
 * @module
 */

/** One line of `denizen doctor`. */
export interface Limit {
  name: "prlimit" | "pdeathsig" | "broker" | "cgroup" | "unshare";
  available: boolean;
  detail: string;
}

/** Absolute paths of programs that were tried and work; `null` where one does not. */
export interface Guards {
  prlimit: string | null;
  setpriv: string | null;
}

const PROGRAM_FOLDERS = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"];

/** Programs that exist. Costs nothing; a cell that does not come up asks {@linkcode tryGuards}. */
export function presentGuards(): Guards {
  return { prlimit: findProgram("prlimit"), setpriv: findProgram("setpriv") };
}

/** Programs that exist and do what cells need of them. */
export async function tryGuards(): Promise<Guards> {
  const { prlimit, setpriv } = presentGuards();
  const [limits, signals] = await Promise.all([
    prlimit !== null && run(prlimit, ["--data=2000000000", "--core=0", "--", "true"]),
    setpriv !== null && run(setpriv, ["--pdeathsig", "KILL", "--", "true"]),
  ]);
  return {
    prlimit: limits && limits.ok ? prlimit : null,
    setpriv: signals && signals.ok ? setpriv : null,
  };
}

function findProgram(name: string): string | null {
  for (const folder of PROGRAM_FOLDERS) {
    try {
      if (Deno.statSync(`${folder}/${name}`).isFile) return `${folder}/${name}`;
    } catch {
      // Looked for in the next one.
    }
  }
  return null;
}

async function run(program: string, args: string[]): Promise<{ ok: boolean; text: string }> {
  try {
    const command = new Deno.Command(program, { args, stdin: "null" });
    const { success, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    return { ok: success, text: (decoder.decode(stdout) + decoder.decode(stderr)).trim() };
  } catch (error) {
    return { ok: false, text: error instanceof Error ? error.message : String(error) };
  }
}

/** Tries every hard limit that cells can use. Takes about 100 ms. */
export async function probeLimits(): Promise<Limit[]> {
  const [{ prlimit, setpriv }, broker, cgroup, unshare] = await Promise.all([
    tryGuards(),
    probeBroker(),
    probeCgroup(),
    run("unshare", ["-rn", "true"]),
  ]);
  return [
    limit(
      "prlimit",
      prlimit !== null,
      "caps the memory of a cell",
      "the node watches memory itself",
    ),
    limit(
      "pdeathsig",
      setpriv !== null,
      "the kernel ends cells with their node",
      "a cell ends itself when its socket closes",
    ),
    broker,
    cgroup,
    limit("unshare", unshare.ok, "cells could get a network of their own", unshare.text),
  ];
}

function limit(name: Limit["name"], available: boolean, yes: string, no: string): Limit {
  return { name, available, detail: available ? yes : no || "not available" };
}

/** Starts a process whose one check goes to a broker that says no. */
async function probeBroker(): Promise<Limit> {
  const folder = await Deno.makeTempDir({ prefix: "denizen-probe-" });
  const path = `${folder}/b`;
  try {
    using listener = Deno.listen({ transport: "unix", path });
    const answer = answerOnce(listener);
    const source =
      "data:text/javascript,try{Deno.readFileSync('/')}catch(e){console.log(e.message)}";
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--no-prompt", source],
      clearEnv: true,
      env: { DENO_PERMISSION_BROKER_PATH: path, NO_COLOR: "1" },
      stdin: "null",
    });
    const { stdout } = await child.output();
    listener.close();
    await answer;
    const works = new TextDecoder().decode(stdout).includes("probe says no");
    return limit("broker", works, "every access of an agent is checked by the node", "no answer");
  } catch (error) {
    return limit("broker", false, "", error instanceof Error ? error.message : String(error));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function answerOnce(listener: Deno.UnixListener): Promise<void> {
  try {
    using connection = await listener.accept();
    const buffer = new Uint8Array(4_096);
    const count = await connection.read(buffer);
    const { id } = JSON.parse(new TextDecoder().decode(buffer.subarray(0, count ?? 0)));
    const answer = JSON.stringify({ id, result: "deny", reason: "probe says no" });
    await connection.write(new TextEncoder().encode(`${answer}\n`));
    await connection.read(buffer);
  } catch {
    // The listener was closed before anybody came: the caller sees that nothing was printed.
  }
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}

/** Makes and removes a group of our own, in version 2 or 1 of the interface. */
async function probeCgroup(): Promise<Limit> {
  for (const root of ["/sys/fs/cgroup", "/sys/fs/cgroup/memory"]) {
    const folder = `${root}/denizen-probe-${Deno.pid}`;
    try {
      await Deno.mkdir(folder);
    } catch {
      continue;
    }
    const names = ["memory.max", "memory.limit_in_bytes"];
    const found = await Promise.all(names.map((name) => exists(`${folder}/${name}`)));
    await Deno.remove(folder);
    if (found.includes(true)) {
      return limit("cgroup", true, `memory groups can be made in ${root}`, "");
    }
  }
  return limit("cgroup", false, "", "no memory group may be made here");
}
