/** Functions that tell how the tasks before went; they are answered from `bindings.status`. */
export const STATUS_FUNCTIONS: readonly string[] = ["success", "failure", "always", "cancelled"];
