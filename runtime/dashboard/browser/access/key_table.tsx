import type { Key } from "../api/mod.ts";
import { Button, now, Time } from "../parts/mod.ts";

/** Keys with what they may do. */
export function KeyTable(
  { keys, onRotate, onRevoke }: {
    keys: readonly Key[];
    onRotate: (key: Key) => Promise<void>;
    onRevoke: (key: Key) => Promise<void>;
  },
) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="API keys">
      <table class="table">
        <thead>
          <tr>
            <th>Key</th>
            <th class="is-tight">State</th>
            <th>May</th>
            <th class="is-tight">Last used</th>
            <th class="is-tight">Expires</th>
            <th class="is-tight">
              <span class="visually-hidden">Change</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <td>
                <strong>{key.name}</strong>
                <div class="mono small muted">dnz_{key.id}_…</div>
              </td>
              <td>
                <KeyState keyInfo={key} />
              </td>
              <td>
                <KeyRights keyInfo={key} />
              </td>
              <td class="is-tight">
                {key.lastUsedAt === null ? "never" : <Time at={key.lastUsedAt} />}
              </td>
              <td class="is-tight">
                {key.expiresAt === null ? "never" : <Time at={key.expiresAt} />}
              </td>
              <td class="is-tight">
                {key.revokedAt === null && (
                  <span class="row">
                    <Button onClick={() => onRotate(key)}>Make anew</Button>
                    <Button kind="danger" onClick={() => onRevoke(key)}>Revoke</Button>
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function KeyState({ keyInfo: { revokedAt, expiresAt } }: { keyInfo: Key }) {
  if (revokedAt !== null) return <span class="badge" data-status="cancelled">revoked</span>;
  const isExpired = expiresAt !== null && Date.parse(expiresAt) <= now.value;
  return (
    <span class="badge" data-status={isExpired ? "waiting" : "completed"}>
      {isExpired ? "expired" : "valid"}
    </span>
  );
}

function KeyRights({ keyInfo }: { keyInfo: Key }) {
  const { role, tenant, scopes, workflows, tags } = keyInfo;
  const limits = [
    tenant === null ? null : `tenant ${tenant}`,
    scopes === null ? null : `only ${scopes.join(", ")}`,
    workflows === null ? null : `workflows ${workflows.join(", ")}`,
    tags === null ? null : `tags ${tags.join(", ")}`,
  ].filter((limit) => limit !== null);
  return (
    <>
      {role}
      {limits.map((limit) => <div key={limit} class="small muted">{limit}</div>)}
    </>
  );
}
