import type { SeededRandom } from "../../tests/seeded_random.ts";

/** What tasks can be about, each with words that people use for it. */
export const TOPICS: Readonly<Record<string, string>> = {
  invoices: "invoice payment vat ledger receipt refund amount billing customer due overdue total",
  networks: "router packet latency socket timeout dns subnet firewall proxy tls handshake retry",
  parsers: "token grammar syntax parser lexer ast expression bracket unicode escape comment string",
  storage: "index query table transaction migration schema row column lock snapshot backup vacuum",
  images: "pixel crop resize colour contrast thumbnail jpeg alpha histogram filter blur sharpen",
  contracts: "clause liability warranty party termination governing law notice breach remedy term",
  travel:
    "flight hotel booking itinerary passport visa departure luggage gate train connection fare",
  medicine: "patient dosage symptom diagnosis trial placebo blood pressure allergy therapy chronic",
};

const COMMON =
  "please the a for of in this with and to check find list report which how why explain " +
  "summarise rewrite compare all new old first last short long quickly again carefully file page";

/** A request of 6 to 24 words, two in five of them of the topic. */
export function writeText(topic: string, random: SeededRandom): string {
  const own = TOPICS[topic]!.split(" ");
  const common = COMMON.split(" ");
  const words = Array.from(
    { length: random.int(6, 24) },
    () => random.chance(0.4) ? random.pick(own) : random.pick(common),
  );
  return words.join(" ");
}
