/**
 * A node that is about to be killed, on a system without `setpriv` and `prlimit`: its one cell
 * runs an agent that loops. Prints the cell's process id.
 *
 * @module
 */
import { noPermissions } from "../../actors/permissions.ts";
import { CellProcess } from "../../runtime/cells/cell_process.ts";

const source = "export default { name: 'loop', run() { for (;;); } };";
const cell: CellProcess = new CellProcess({
  id: 1,
  folder: Deno.args[0]!,
  permissions: noPermissions(),
  workDir: "/",
  memoryMb: 64,
  guards: { prlimit: null, setpriv: null },
  lineBytesMax: 1_000_000,
  events: {
    onReady() {
      cell.endStartup();
      cell.send(JSON.stringify(["load", source, 1_000]));
    },
    onFrame() {
      cell.send(JSON.stringify(["run", ["r"], ["t"], [[1, 0, 0, 0, 1, null, {}, null]]]));
      cell.ping();
      setInterval(() => cell.ping(), 50);
    },
    // The worker owes an answer: it loops now.
    onSilence: (ms) => ms > 200 && console.log(JSON.stringify([cell.pid])),
    onTrouble() {},
    onDenial() {},
    onExit() {},
  },
});
