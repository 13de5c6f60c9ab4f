/**
 * Completion scripts. All words stand in the script itself, so that a shell starts no process to
 * complete a command, an option or a word; only names that the store knows are asked for.
 *
 * Each script walks over the words before the cursor: `where` becomes the command, `position` counts
 * its arguments, and `option` is one whose value comes next.
 *
 * @module
 */
import type { Completes } from "./command.ts";
import type { CompletionOption, CompletionRow } from "./completion_table.ts";

/** What the scripts start to ask for names, quoted for a shell. */
export interface Program {
  /** Words of the command line, such as `deno run -A main.ts`. */
  words: readonly string[];
}

/** Writes the script of a shell. */
export type ScriptWriter = (rows: readonly CompletionRow[], program: Program) => string;

/** By name of the shell. */
export const SCRIPTS: Readonly<Record<string, ScriptWriter>> = { bash, zsh, fish };

/** Options of every command, wherever they stand. */
const PLACE = ["--data", "--store"];

function bash(rows: readonly CompletionRow[], program: Program): string {
  return `denizen() { ${program.words.map(quote).join(" ")} "$@"; }
_denizen() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" where="" option="" kind="" words="" word name i
  local position=0 place=()
  [ "$cur" = "=" ] && cur=""
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    [ "$word" = "=" ] && continue
    ${walk(rows)}
  done
  ${offer(rows, bashOffer)}
  local IFS=$'\\n'
  case "$kind" in
    file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")) ;;
    folder) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur")) ;;
    run|workflow|agent)
      while IFS=$'\\t' read -r name word; do words+="$name"$'\\n'; done \\
        < <(denizen __complete "$kind" "\${place[@]}" 2>/dev/null)
      COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
  esac
}
complete -F _denizen denizen
`;
}

const bashOffer: Offer = {
  words: (words) => `words=$'${words.map(({ name }) => name).join("\\n")}'`,
  kind: (kind) => `kind=${kind}`,
};

function zsh(rows: readonly CompletionRow[], program: Program): string {
  return `#compdef denizen
denizen() { ${program.words.map(quote).join(" ")} "$@"; }
_denizen() {
  local cur="\${words[CURRENT]}" where="" option="" kind="" word i
  local -a place found
  integer position=0
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    ${walk(rows)}
  done
  if [[ -z $option && $cur == --*=* ]]; then
    option="\${cur%%=*}"
    compset -P '*='
  fi
  ${offer(rows, zshOffer)}
  case "$kind" in
    file) _files ;;
    folder) _files -/ ;;
    run|workflow|agent)
      found=("\${(@f)$(denizen __complete "$kind" "\${place[@]}" 2>/dev/null)}")
      found=("\${(@)found/$'\\t'/:}")
      _describe -V "$kind" found ;;
    *) _describe -o -V denizen found ;;
  esac
}
if (( ! $+functions[compdef] )); then autoload -Uz compinit && compinit; fi
compdef _denizen denizen
`;
}

const zshOffer: Offer = {
  words: (words) =>
    `found=(${words.map(({ name, summary }) => quote(`${name}:${summary}`)).join(" ")})`,
  kind: (kind) => `kind=${kind}`,
};

/** A loop over the words before the cursor, for shells of the POSIX family. */
function walk(rows: readonly CompletionRow[]): string {
  const withValue = rows.flatMap(({ path, options }) =>
    options.filter(({ name, value }) => value !== null && !PLACE.includes(`--${name}`))
      .flatMap((option) => namesOf(option).map((name) => quote(`${path}:${name}`)))
  );
  const commands = rows.filter(({ path }) => path !== "").map(({ path }) => {
    const at = path.lastIndexOf(" ");
    return quote(`${path.slice(0, Math.max(0, at))}:${path.slice(at + 1)}`);
  });
  return `if [ -n "$option" ]; then
      case "$option" in ${PLACE.join("|")}) place+=("$option" "$word") ;; esac
      option=""
      continue
    fi
    case "$where:$word" in
      *:${PLACE.join("|*:")}) option="$word" ;;
      ${withValue.join("|")}) option="$word" ;;
      *:${PLACE.join("=*|*:")}=*) place+=("$word") ;;
      *:-*) ;;
      ${commands.join("|")}) where="\${where:+$where }$word" ;;
      *) position=$((position + 1)) ;;
    esac`;
}

/** How a shell is told what to offer. */
interface Offer {
  words(words: readonly { name: string; summary: string }[]): string;
  kind(kind: string): string;
}

/** What comes under the cursor: the value of an option, an option, or an argument. */
function offer(rows: readonly CompletionRow[], how: Offer): string {
  const tell = (kind: Completes | "text") =>
    typeof kind === "string"
      ? how.kind(kind)
      : how.words(kind.map((name) => ({ name, summary: "" })));
  const values = rows.flatMap(({ path, options }) =>
    options.filter(({ value }) => value !== null && value !== "text").map((option) =>
      `${namesOf(option).map((name) => quote(`${path}:${name}`)).join("|")}) ${
        tell(option.value!)
      } ;;`
    )
  );
  const options = rows.map(({ path, options }) =>
    `${quote(path)}) ${
      how.words(options.map(({ name, summary }) => ({ name: `--${name}`, summary })))
    } ;;`
  );
  const places = rows.flatMap((row) => argumentsOf(row, how, tell));
  return `if [ -n "$option" ]; then
    case "$where:$option" in
      ${values.join("\n      ")}
      *:--data) kind=folder ;;
      *) kind=text ;;
    esac
  elif [ "\${cur#-}" != "$cur" ]; then
    case "$where" in
      ${options.join("\n      ")}
    esac
  else
    case "$where:$position" in
      ${places.join("\n      ")}
    esac
  fi`;
}

function argumentsOf(
  { path, words, arguments: kinds }: CompletionRow,
  how: Offer,
  tell: (kind: Completes) => string,
): string[] {
  if (words.length > 0) return [`${quote(`${path}:0`)}) ${how.words(words)} ;;`];
  return kinds.flatMap((kind, at) => {
    if (kind === null) return [];
    // What is said of the last argument holds for all that may follow it.
    const place = at === kinds.length - 1 ? `${quote(`${path}:`)}*` : quote(`${path}:${at}`);
    return [`${place}) ${tell(kind)} ;;`];
  });
}

function namesOf({ name, short }: CompletionOption): string[] {
  return short === null ? [`--${name}`] : [`--${name}`, `-${short}`];
}

/** One word for a shell of the POSIX family. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function fish(rows: readonly CompletionRow[], program: Program): string {
  const commands = rows.filter(({ path }) => path !== "").map(({ path }) => {
    const at = path.lastIndexOf(" ");
    return fishQuote(`${path.slice(0, Math.max(0, at))}:${path.slice(at + 1)}`);
  });
  const withValue = rows.flatMap(({ path, options }) =>
    options.filter(({ value }) => value !== null)
      .flatMap((option) => namesOf(option).map((name) => fishQuote(`${path}:${name}`)))
  );
  return `function denizen
  ${program.words.map(fishQuote).join(" ")} $argv
end
function __denizen_complete
  set -l where ''
  set -l option ''
  set -l position 0
  set -l place
  set -l cur (commandline -ct)
  for word in (commandline -opc)[2..-1]
    if test -n "$option"
      contains -- $option ${PLACE.join(" ")}; and set -a place $option $word
      set option ''
      continue
    end
    switch "$where:$word"
      case '*:--data' '*:--store' ${withValue.join(" ")}
        set option $word
      case '*:--data=*' '*:--store=*'
        set -a place $word
      case '*:-*'
      case ${commands.join(" ")}
        set where (string trim -- "$where $word")
      case '*'
        set position (math $position + 1)
    end
  end
  if test -z "$option"; and string match -q -- '--*=*' $cur
    set option (string split -m 1 = -- $cur)[1]
    __denizen_value $where $option $place | string replace -r -- '^' "$option="
    return
  end
  if test -n "$option"
    __denizen_value $where $option $place
  else if string match -q -- '-*' $cur
    switch $where
${rows.map(fishOptions).join("\n")}
    end
  else
    switch "$where:$position"
${rows.flatMap(fishArguments).join("\n")}
    end
  end
end
function __denizen_value
  switch "$argv[1]:$argv[2]"
${rows.flatMap(fishValues).join("\n")}
    case '*:--data'
      __fish_complete_directories (commandline -ct)
  end
end
complete -c denizen -f -a '(__denizen_complete)'
`;
}

function fishOptions({ path, options }: CompletionRow): string {
  const lines = options.map(({ name, summary }) => fishLine(`--${name}`, summary));
  return [`      case ${fishQuote(path)}`, ...lines].join("\n");
}

function fishArguments({ path, words, arguments: kinds }: CompletionRow): string[] {
  if (words.length > 0) {
    const lines = words.map(({ name, summary }) => fishLine(name, summary));
    return [[`      case ${fishQuote(`${path}:0`)}`, ...lines].join("\n")];
  }
  return kinds.flatMap((kind, at) => {
    if (kind === null) return [];
    const place = at === kinds.length - 1 ? `${path}:*` : `${path}:${at}`;
    return [`      case ${fishQuote(place)}\n${fishKind(kind, "$place")}`];
  });
}

function fishValues({ path, options }: CompletionRow): string[] {
  return options.flatMap((option) => {
    const { value } = option;
    if (value === null || value === "text") return [];
    const names = namesOf(option).map((name) => fishQuote(`${path}:${name}`)).join(" ");
    return [`    case ${names}\n${fishKind(value, "$argv[3..-1]")}`];
  });
}

function fishKind(kind: Completes, place: string): string {
  if (typeof kind !== "string") return kind.map((word) => fishLine(word, "")).join("\n");
  if (kind === "file") return "        __fish_complete_path (commandline -ct)";
  if (kind === "folder") return "        __fish_complete_directories (commandline -ct)";
  return `        denizen __complete ${kind} ${place} 2>/dev/null`;
}

function fishLine(word: string, summary: string): string {
  return `        printf '%s\\t%s\\n' ${fishQuote(word)} ${fishQuote(summary)}`;
}

function fishQuote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
