/**
 * The flags that choose how credentials are printed, as data, and the combinations that are invalid.
 */
import type { ChoiceFlag, SwitchFlag } from "./FlagTable.ts"

/** The formats. */
export type Format = "process" | "json" | "env" | "fish" | "powershell" | "cmd" | "ini"

export const format: ChoiceFlag<Format> = {
  name: "format",
  metavar: "FORMAT",
  description:
    "process: for credential_process (default); json: with the names of the portal API; env, fish, powershell or cmd: commands for this shell (env: sh, bash or zsh); ini: a section for the credentials file",
  choices: ["process", "json", "env", "fish", "powershell", "cmd", "ini"],
  standard: "process"
}

export const noExport: SwitchFlag = {
  name: "no-export",
  description: "With --format env: print NAME=VALUE lines, such as for docker run --env-file"
}

/** The values of the flags. */
export interface Input {
  readonly format: Format
  readonly noExport: boolean
}

/** What is wrong with the flags, if they contradict each other. */
export const problem = ({ format, noExport }: Input): string | undefined =>
  noExport && format !== "env" ? "--no-export needs --format env" : undefined
