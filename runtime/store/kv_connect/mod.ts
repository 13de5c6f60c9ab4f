/**
 * The stores on a KV Connect server, such as `denokv`.
 *
 * @module
 */
export { KvConnectDatabase } from "./kv_connect_database.ts";
export {
  type KvConnectOptions,
  type KvConnectStores,
  openKvConnect,
  openKvConnectStores,
} from "./kv_connect_stores.ts";
