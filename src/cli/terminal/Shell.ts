/**
 * The syntax in which shells set and remove variables.
 */
import { quote } from "../../provider/CommandLine.ts"

/** How a shell changes its environment. */
export interface Shell {
  /** One line for each variable. */
  readonly set: (name: string, value: string) => string
  /** One line for all variables, of which some may not be set. */
  readonly unset: (names: ReadonlyArray<string>) => string
  /** Whether the shell can read a value as it is. Line breaks and other control characters are excluded already. */
  readonly accepts?: (value: string) => boolean
}

/** The shells of POSIX, such as bash and zsh. */
export const posix: Shell = {
  set: (name, value) => `export ${name}=${quote(value)}`,
  unset: (names) => `unset ${names.join(" ")}`
}

/** fish reads two escapes between single quotes. */
export const fish: Shell = {
  set: (name, value) => `set -gx ${name} '${value.replaceAll(/[\\']/g, String.raw`\$&`)}'`,
  unset: (names) => names.map((name) => `set -e ${name}`).join("\n")
}

/** PowerShell reads a doubled quote as a quote, and typographic quotes as quotes too. */
export const powershell: Shell = {
  set: (name, value) => `$Env:${name} = '${value.replaceAll(/['\u2018-\u201B]/g, "$&$&")}'`,
  unset: (names) => `Remove-Item ${names.map((name) => `Env:${name}`).join(", ")} -ErrorAction SilentlyContinue`
}

/** cmd.exe cannot quote the characters that it expands. */
export const cmd: Shell = {
  set: (name, value) => `set "${name}=${value}"`,
  unset: (names) => names.map((name) => `set "${name}="`).join("\n"),
  accepts: (value) => !/["%!^&|<>]/.test(value)
}
