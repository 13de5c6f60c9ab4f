/**
 * Reads the first line that a process prints. `release` lets go of its output, whatever comes.
 *
 * @throws {Error} when it ends before
 */
export async function readLine(
  stream: ReadableStream<Uint8Array>,
): Promise<{ line: string; release: () => Promise<void> }> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`A process ended before it said where it is: "${text}"`);
    text += value;
  }
  return { line: text.slice(0, text.indexOf("\n")), release: () => reader.cancel() };
}
