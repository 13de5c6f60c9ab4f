/**
 * What attempts of a workflow's tasks need of an actor system, wherever that is led.
 *
 * @module
 */
import type { MessageItem } from "../../actors/frames.ts";
import type { Json } from "../../core/json.ts";
import type { Cell, Flight } from "../cells/mod.ts";
import type { TellOptions } from "./actor_system.ts";

/** Options of {@linkcode SystemDoor.ask}. */
export interface AskOptions {
  timeoutMs?: number;
  lane?: "high" | "normal" | "low";
  signal?: AbortSignal;
  /** The id that the payload was sealed with. */
  sealedId?: string;
}

/** As of `ActorSystem`; errors of a system that just moves are `UNAVAILABLE`. */
export interface SystemDoor {
  ask(to: string, type: string, payload?: Json, options?: AskOptions): Promise<Json>;
  tell(to: string, type: string, payload?: Json, options?: TellOptions): Promise<void>;
  publish(topic: string, payload?: Json, options?: TellOptions): Promise<void>;
  /** A message that an attempt sends; its sender counts as `external`. */
  onAttemptMessage(cell: Cell, flight: Flight, item: MessageItem): void;
  /** A cell with attempts is gone: nobody in it waits any more. */
  forgetCell(cell: Cell): void;
}
