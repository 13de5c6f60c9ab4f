/** One event of a stream. */
export interface ServerEvent {
  id: string | null;
  type: string;
  data: string;
}

/**
 * Events of a `text/event-stream`, as they come (WHATWG HTML, "Interpreting an event stream").
 * Comments are passed over; an event that is cut off is none.
 */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  let event: { id: string | null; type: string; data: string[] } = empty();
  for await (const line of readLines(body)) {
    if (line === "") {
      if (event.data.length > 0) yield { ...event, data: event.data.join("\n") };
      event = empty();
      continue;
    }
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line)!;
    if (field === "id") event.id = value!;
    else if (field === "event") event.type = value!;
    else if (field === "data") event.data.push(value!);
  }
}

function empty(): { id: string | null; type: string; data: string[] } {
  return { id: null, type: "message", data: [] };
}

async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (
    const text of body.pipeThrough(
      new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>,
    )
  ) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield line.replace(/\r$/, "");
  }
}
