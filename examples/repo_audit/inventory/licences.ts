/**
 * Tells a licence by its text.
 *
 * @module
 */

/** Sentences that only one licence has, in the order in which they are tried. */
const SIGNS: [spdx: string, sign: RegExp][] = [
  ["AGPL-3.0", /gnu affero general public license\s+version 3/],
  ["LGPL-3.0", /gnu lesser general public license\s+version 3/],
  ["LGPL-2.1", /gnu lesser general public license\s+version 2\.1/],
  ["GPL-3.0", /gnu general public license\s+version 3/],
  ["GPL-2.0", /gnu general public license\s+version 2/],
  ["Apache-2.0", /apache license\s+version 2\.0/],
  ["MPL-2.0", /mozilla public license,? version 2\.0/],
  ["EPL-2.0", /eclipse public license - v 2\.0/],
  ["EUPL-1.2", /european union public licence v\. 1\.2/],
  ["BSL-1.0", /boost software license - version 1\.0/],
  ["BUSL-1.1", /business source license 1\.1/],
  ["CC0-1.0", /cc0 1\.0 universal/],
  ["CC-BY-SA-4.0", /attribution-sharealike 4\.0 international/],
  ["CC-BY-4.0", /attribution 4\.0 international/],
  ["Unlicense", /this is free and unencumbered software released into the public domain/],
  ["WTFPL", /do what the fuck you want to public license/],
  ["PSF-2.0", /python software foundation license version 2/],
  ["Artistic-2.0", /the artistic license 2\.0/],
  ["Zlib", /altered source versions must be plainly marked as such/],
  ["BSD-3-Clause", /redistribution and use in source and binary forms[\s\S]*neither the name/],
  ["BSD-2-Clause", /redistribution and use in source and binary forms/],
  ["MIT", /permission is hereby granted, free of charge, to any person obtaining a copy/],
  [
    "ISC",
    /permission to use, copy, modify, and\/?o?r? ?distribute this software[\s\S]*copyright notice and this permission notice appear/,
  ],
  [
    "0BSD",
    /permission to use, copy, modify, and\/or distribute this software for any purpose with or without fee is hereby granted/,
  ],
];

/** SPDX identifier of the licence whose text this is; `null` when it is not one we know. */
export function classifyLicence(text: string): string | null {
  const plain = text.slice(0, 40_000).toLowerCase().replace(/[^\S\n]+|\s*\n\s*/g, " ");
  return SIGNS.find(([, sign]) => sign.test(plain))?.[0] ?? null;
}
