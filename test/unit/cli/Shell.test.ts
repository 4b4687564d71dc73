import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import * as Shell from "../../../src/cli/terminal/Shell.ts"

/** Values that a shell would read as something else, were they not quoted. */
const values = [
  "plain",
  "",
  " two  blanks ",
  "it's",
  "''''",
  String.raw`back\slash\'quote\\`,
  "$HOME `id` $(id) ${IFS} !! %PATH% ~ * ? [a] {b} <c> | & ; # ^",
  '"double"',
  "typographic ‘single’ ‚‛ and “double”",
  "IQoJb3JpZ2luX2VjE/+a=",
  "プロダクション 🚀"
]

interface Installed {
  readonly name: string
  readonly shell: Shell.Shell
  readonly command: readonly [string, ...ReadonlyArray<string>]
}

/** The shells that are installed on this machine. */
const installed = (
  [
    { name: "sh", shell: Shell.posix, command: ["sh", "-c"] },
    { name: "bash", shell: Shell.posix, command: ["bash", "-c"] },
    { name: "zsh", shell: Shell.posix, command: ["zsh", "-f", "-c"] },
    { name: "fish", shell: Shell.fish, command: ["fish", "--no-config", "-c"] },
    { name: "pwsh", shell: Shell.powershell, command: ["pwsh", "-NoProfile", "-NonInteractive", "-Command"] }
  ] satisfies ReadonlyArray<Installed>
).filter(({ command: [executable] }) => spawnSync(executable, ["-c", "exit 0"]).status === 0)

const show = `${process.execPath} -e 'process.stdout.write(JSON.stringify(process.env))'`

describe("Shell", () => {
  it.each(installed)("sets and removes variables in $name as they are", ({ command, shell }) => {
    const variables = values.map((value, index) => [`VALUE_${index}`, value] as const)
    const script = [
      shell.unset(["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "NOT_SET"]),
      ...variables.map(([name, value]) => shell.set(name, value)),
      command[0] === "pwsh" ? `& ${show}` : show
    ].join("\n")
    const [executable, ...flags] = command
    const { status, stderr, stdout } = spawnSync(executable, [...flags, script], {
      encoding: "utf8",
      env: { ...process.env, AWS_PROFILE: "old", AWS_DEFAULT_PROFILE: "old" }
    })
    assert.deepStrictEqual({ status, stderr }, { status: 0, stderr: "" })
    const environment = new Map(Object.entries(JSON.parse(stdout)))
    assert.deepStrictEqual(
      // PowerShell removes a variable that it sets to nothing
      variables.map(([name]) => [name, environment.get(name) ?? ""]),
      variables.map(([name, value]) => [name, value])
    )
    for (const name of ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "NOT_SET"]) assert.isFalse(environment.has(name))
  })

  it("writes the syntax of PowerShell and cmd", () => {
    assert.strictEqual(Shell.powershell.set("A", "it's ‘so’"), "$Env:A = 'it''s ‘‘so’’'")
    assert.strictEqual(Shell.powershell.unset(["A", "B"]), "Remove-Item Env:A, Env:B -ErrorAction SilentlyContinue")
    assert.strictEqual(Shell.cmd.set("A", "b c"), 'set "A=b c"')
    assert.strictEqual(Shell.cmd.unset(["A", "B"]), 'set "A="\nset "B="')
    for (const value of ["%PATH%", 'a"b', "a&b", "a^b", "a!b", "a|b", "<a>"]) assert.isFalse(Shell.cmd.accepts?.(value))
    assert.isTrue(Shell.cmd.accepts?.("IQoJb3JpZ2luX2VjE/+a="))
  })
})
