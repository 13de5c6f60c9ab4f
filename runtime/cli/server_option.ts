/** Commands that may ask a server on another machine. */
export const SERVER = {
  server: {
    type: "string",
    value: "URL",
    summary: "Ask this server, with the key in DENIZEN_API_KEY",
  },
} as const;
