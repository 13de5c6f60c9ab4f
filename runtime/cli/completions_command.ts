import { InvalidInputError } from "../../core/errors.ts";
import { suggest } from "../../core/suggest.ts";
import { type Command, COMMON_OPTIONS, type Invocation } from "./command.ts";
import { COMMANDS } from "./commands.ts";

const SHELLS: Readonly<Record<string, () => string>> = { bash, zsh, fish };

/** `completions SHELL`: for the name `denizen`, which the script also defines. */
export function completions({ positionals, terminal, isJson }: Invocation): number {
  const [shell] = positionals;
  const script = Object.hasOwn(SHELLS, shell!) ? SHELLS[shell!] : undefined;
  if (script === undefined) {
    const names = Object.keys(SHELLS);
    const near = suggest(shell!, names);
    throw new InvalidInputError("SHELL_UNKNOWN", {
      message: `Cannot complete for shell "${shell}"`,
      hint: near === null ? `Use one of: ${names.join(", ")}` : `Did you mean "${near}"?`,
    });
  }
  terminal.out(isJson ? `${JSON.stringify({ shell, script: script() })}\n` : script());
  return 0;
}

/** Words that may follow a command: its subcommands and options. */
function wordsAfter(command: Command): string {
  const subcommands = command.subcommands?.map((one) => one.name) ?? [];
  const options = Object.keys({ ...command.options, ...COMMON_OPTIONS }).map((name) => `--${name}`);
  return [...subcommands, ...options].join(" ");
}

function rows(): [path: string, words: string][] {
  return COMMANDS.flatMap((command) => [
    [command.name, wordsAfter(command)] as [string, string],
    ...(command.subcommands ?? []).map((one): [string, string] => [
      `${command.name} ${one.name}`,
      wordsAfter(one),
    ]),
  ]);
}

const FUNCTION = 'denizen() { deno task -q denizen "$@"; }';

function bash(): string {
  const cases = rows().map(([path, words]) => `    "${path}") words="${words}" ;;`);
  return `${FUNCTION}
_denizen() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  while :; do
    case "$path" in
    "") words="${COMMANDS.map((one) => one.name).join(" ")}" ;;
${cases.join("\n")}
    *) path="\${path% *}"; continue ;;
    esac
    break
  done
  COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
}
complete -o filenames -F _denizen denizen
`;
}

function zsh(): string {
  return `autoload -U +X bashcompinit && bashcompinit\n${bash()}`;
}

function fish(): string {
  const quote = (text: string) => `'${text.replaceAll("'", "\\'")}'`;
  const lines = COMMANDS.flatMap((command) => [
    `complete -c denizen -n __fish_use_subcommand -a ${command.name} -d ${quote(command.summary)}`,
    ...(command.subcommands ?? []).map((one) =>
      `complete -c denizen -n '__fish_seen_subcommand_from ${command.name}' -a ${one.name} ` +
      `-d ${quote(one.summary)}`
    ),
    ...[command, ...command.subcommands ?? []].flatMap((one) =>
      Object.entries(one.options).map(([name, { summary }]) =>
        `complete -c denizen -n '__fish_seen_subcommand_from ${one.name}' -l ${name} ` +
        `-d ${quote(summary)}`
      )
    ),
  ]);
  return `function denizen; deno task -q denizen $argv; end\n${lines.join("\n")}\n`;
}
