import type { SystemNews } from "../actors/mod.ts";
import { clockTime } from "./clock_time.ts";
import { plainText } from "./plain_text.ts";

/** Lines in a second; actors of any number write as much as they like. */
const LINES_PER_SECOND = 100;
const SECOND_MS = 1_000;

/** Events of the supervision tree that are told always; a crash is told as such. */
const TREE_EVENTS: ReadonlySet<string> = new Set([
  "ChildStartFailed",
  "RestartScheduled",
  "SupervisorStopping",
  "TerminationRequested",
  "StartRequested",
  "ChildAdded",
  "ChildDeleted",
]);

/** What repeats, as long as it goes on. */
interface Repeated {
  text: string;
  more: number;
}

/**
 * Turns what an actor system tells into lines of a log, such as
 * `12:01:02 actor://reader/1 crashed: ACTOR_CRASHED …`. Of what repeats within a second the first
 * is told, and then how many followed.
 */
export class SystemLog {
  readonly #print: (line: string) => void;
  readonly #isVerbose: boolean;
  readonly #repeated = new Map<string, Repeated>();
  readonly #timer: ReturnType<typeof setInterval>;
  #lines = 0;
  #leftOut = 0;

  constructor(print: (line: string) => void, options: { isVerbose: boolean }) {
    this.#print = print;
    this.#isVerbose = options.isVerbose;
    this.#timer = setInterval(() => this.#turn(), SECOND_MS);
  }

  tell(news: SystemNews): void {
    switch (news.type) {
      case "crashed":
        return this.#fold(
          `${news.address} crashed: ${news.error.code} ${news.error.message}`,
          `crashed ${news.address} ${news.error.code}`,
        );
      case "refused":
        return this.#fold(
          `${news.from} → ${news.to} "${news.messageType}" refused: ` +
            `${news.error.code} ${news.error.message}`,
          `refused ${news.from} ${news.to} ${news.error.code}`,
        );
      case "denied":
        return this.#fold(
          `${news.address} was denied ${news.permission}${
            news.value === null ? "" : ` of ${news.value}`
          }`,
          `denied ${news.address} ${news.permission}`,
        );
      case "dead":
        return this.#fold(
          `dead letter ${news.letterId}: ${news.from} → ${news.to} "${news.messageType}" ` +
            news.reason,
          `dead ${news.to} ${news.reason}`,
        );
      case "log":
        return this.#tellLog(news);
      case "tree":
        if (!this.#isVerbose && !TREE_EVENTS.has(news.event)) return;
        return news.lines.forEach((line) => this.#write(line));
    }
  }

  /** A line of our own. */
  say(text: string): void {
    this.#write(text);
  }

  /** Tells what is still being counted. */
  close(): void {
    clearInterval(this.#timer);
    this.#turn();
  }

  #tellLog({ level, address, message, fields }: SystemNews & { type: "log" }): void {
    if (level === "debug" || (level === "info" && !this.#isVerbose)) return;
    const more = fields === undefined ? "" : ` ${JSON.stringify(fields)}`;
    this.#write(`${address} ${level === "info" ? "" : `${level}: `}${message}${more}`);
  }

  #fold(text: string, key: string): void {
    const known = this.#repeated.get(key);
    if (known !== undefined) {
      known.more++;
      known.text = plainText(text);
      return;
    }
    // A name may be as new each time as the one who floods likes.
    if (this.#repeated.size < LINES_PER_SECOND) {
      this.#repeated.set(key, { text: plainText(text), more: 0 });
    }
    this.#write(text);
  }

  #turn(): void {
    const leftOut = this.#leftOut;
    this.#lines = 0;
    this.#leftOut = 0;
    for (const [key, repeated] of this.#repeated) {
      const { text, more } = repeated;
      repeated.more = 0;
      if (more === 0) this.#repeated.delete(key);
      else this.#write(more === 1 ? text : `${text} (${more} times)`);
    }
    if (leftOut > 0) this.#write(`… and ${leftOut} lines more`);
  }

  #write(text: string): void {
    if (this.#lines >= LINES_PER_SECOND) {
      this.#leftOut++;
      return;
    }
    this.#lines++;
    this.#print(`${clockTime(Date.now())} ${plainText(text)}`);
  }
}
