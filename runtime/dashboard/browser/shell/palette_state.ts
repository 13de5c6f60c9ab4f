import { signal } from "@preact/signals";

/** Which of the two helpers is open. */
export const palette = signal<"commands" | "help" | null>(null);

export function openPalette(which: "commands" | "help"): void {
  palette.value = which;
}

export function closePalette(): void {
  palette.value = null;
}
