import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Home from "../../../src/config/Home.ts"

const withEnvironment = (env: Record<string, string>) =>
  Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))

describe("Home.directory", () => {
  it.effect.each([
    {
      env: { HOME: "/home/ada", USERPROFILE: "C:\\Users\\ada", HOMEPATH: "\\ada" },
      expected: Option.some("/home/ada")
    },
    { env: { USERPROFILE: "C:\\Users\\ada", HOMEPATH: "\\ada" }, expected: Option.some("C:\\Users\\ada") },
    { env: { HOMEDRIVE: "D:", HOMEPATH: "\\ada" }, expected: Option.some("D:\\ada") },
    { env: { HOMEPATH: "\\ada" }, expected: Option.some("C:\\ada") },
    { env: { HOME: "", USERPROFILE: "C:\\Users\\ada" }, expected: Option.some("C:\\Users\\ada") },
    { env: { HOMEDRIVE: "D:" }, expected: Option.none() },
    { env: {}, expected: Option.none() }
  ])("is found in $env", ({ env, expected }) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Home.directory, expected)
    }).pipe(withEnvironment(env))
  )
})

describe("Home.expand", () => {
  it.effect.each([
    { path: "~/.aws/config", expected: "/home/ada/.aws/config" },
    { path: "~", expected: "/home/ada/" },
    { path: "~ada/config", expected: "~ada/config" },
    { path: "/etc/~/config", expected: "/etc/~/config" },
    { path: "relative/config", expected: "relative/config" }
  ])("turns $path into $expected", ({ path, expected }) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Home.expand(path), Option.some(expected))
    }).pipe(withEnvironment({ HOME: "/home/ada/" }), Effect.provide(Path.layer))
  )

  it.effect("fails to expand ~ without a home directory, and leaves other paths as they are", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Home.expand("~/.aws/config"), Option.none())
      assert.deepStrictEqual(yield* Home.expand("/etc/aws"), Option.some("/etc/aws"))
    }).pipe(withEnvironment({}), Effect.provide(Path.layer))
  )
})
