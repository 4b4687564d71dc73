/**
 * Reads the arguments of the invocations that the fast path can serve. It understands the plain forms of the flags and
 * leaves all else to the command framework, which knows every form and reports what is wrong.
 */
import type { ChoiceFlag, SwitchFlag, TextFlag } from "../flags/FlagTable.ts"
import * as FormatInput from "../flags/FormatInput.ts"
import * as RoleInput from "../flags/RoleInput.ts"
import * as SessionInput from "../flags/SessionInput.ts"

/** An invocation that the fast path can serve. */
export type Invocation =
  | { readonly command: "version" }
  | { readonly command: "token"; readonly input: SessionInput.Input }
  | { readonly command: "credentials"; readonly input: RoleInput.Input & FormatInput.Input }

/** A flag that is followed by a value. */
type Valued = TextFlag | ChoiceFlag<string>

/** The given flags, by name; a switch has an empty value. */
type Given = ReadonlyMap<string, string>

const sessionFlags: ReadonlyArray<Valued> = [
  SessionInput.profile,
  SessionInput.ssoSession,
  SessionInput.startUrl,
  SessionInput.region
]
const roleFlags: ReadonlyArray<Valued> = [...sessionFlags, RoleInput.accountId, RoleInput.roleName, FormatInput.format]
const roleSwitches: ReadonlyArray<SwitchFlag> = [RoleInput.noCache, FormatInput.noExport]

const accepts = (flag: Valued, value: string): boolean => {
  // What begins with a dash could be a flag
  if (value === "" || value.startsWith("-")) return false
  if ("choices" in flag) return flag.choices.includes(value)
  return flag.accepted === undefined || flag.accepted.pattern.test(value)
}

/** Reads `--flag value`, `--flag=value` and `--switch`, each flag once. */
const read = (
  args: ReadonlyArray<string>,
  valued: ReadonlyArray<Valued>,
  switches: ReadonlyArray<SwitchFlag>,
  given: Given = new Map()
): Given | undefined => {
  const [first, ...rest] = args
  if (first === undefined) return given
  const [, name = "", attached] = /^--([a-z-]+)(?:=(.*))?$/s.exec(first) ?? []
  if (given.has(name)) return undefined
  if (attached === undefined && switches.some((flag) => flag.name === name)) {
    return read(rest, valued, switches, new Map([...given, [name, ""]]))
  }
  const flag = valued.find((flag) => flag.name === name)
  const value = attached ?? rest[0]
  if (flag === undefined || value === undefined || !accepts(flag, value)) return undefined
  return read(attached === undefined ? rest.slice(1) : rest, valued, switches, new Map([...given, [name, value]]))
}

const session = (given: Given): SessionInput.Input => ({
  profile: given.get(SessionInput.profile.name),
  ssoSession: given.get(SessionInput.ssoSession.name),
  startUrl: given.get(SessionInput.startUrl.name),
  region: given.get(SessionInput.region.name)
})

const role = (given: Given): RoleInput.Input & FormatInput.Input => {
  const { choices, name, standard } = FormatInput.format
  return {
    ...session(given),
    accountId: given.get(RoleInput.accountId.name),
    roleName: given.get(RoleInput.roleName.name),
    noCache: given.has(RoleInput.noCache.name),
    format: choices.find((format) => format === given.get(name)) ?? standard,
    noExport: given.has(FormatInput.noExport.name)
  }
}

/** The invocation, if the fast path can serve it. */
export const parse = ([command, ...args]: ReadonlyArray<string>): Invocation | undefined => {
  switch (command) {
    case "--version":
      return args.length === 0 ? { command: "version" } : undefined
    case "token": {
      const given = read(args, sessionFlags, [])
      if (given === undefined) return undefined
      const input = session(given)
      return SessionInput.problem(input) === undefined ? { command, input } : undefined
    }
    case "credentials": {
      const given = read(args, roleFlags, roleSwitches)
      if (given === undefined) return undefined
      const input = role(given)
      const problem = RoleInput.problem(input) ?? FormatInput.problem(input)
      return problem === undefined ? { command, input } : undefined
    }
    default:
      return undefined
  }
}
