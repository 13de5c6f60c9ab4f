/** Gives its input back: what is left of a step is the engine. */
import { defineAgent } from "denizen";

export default defineAgent({ name: "echo", run: (input) => input });
