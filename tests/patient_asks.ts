import type { Json } from "../core/json.ts";
import type { AskOptions, SystemDoor } from "../runtime/actors/system_door.ts";

/** A machine that is busy takes its time to start a cell. */
const ANSWER_MS_MAX = 60_000;

/** The same system, whose asks wait for a minute where no other time is given. */
export function withPatientAsks<System extends Pick<SystemDoor, "ask">>(system: System): System {
  const ask = (to: string, type: string, payload?: Json, options: AskOptions = {}) =>
    system.ask(to, type, payload, { ...options, timeoutMs: options.timeoutMs ?? ANSWER_MS_MAX });
  return new Proxy(system, {
    get(target, name) {
      if (name === "ask") return ask;
      // Private members are those of the system itself.
      const member = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
