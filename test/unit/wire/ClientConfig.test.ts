import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as ConfigWarning from "../../../src/config/ConfigWarning.ts"
import * as SsoOidc from "../../../src/service/SsoOidc.ts"
import * as ClientConfig from "../../../src/wire/ClientConfig.ts"
import * as RetryPolicy from "../../../src/wire/RetryPolicy.ts"
import * as Machine from "../../support/Machine.ts"
import * as ScriptedHttp from "../../support/ScriptedHttp.ts"

type Options = Parameters<typeof ClientConfig.load>[1]

const load = (surroundings: Machine.Surroundings, options?: Options, service: "sso_oidc" | "sso" = "sso_oidc") =>
  ClientConfig.load(service, options).pipe(Effect.provide(Machine.layer(surroundings)))

const messageOf = (surroundings: Machine.Surroundings, options?: Options) =>
  Effect.map(Effect.flip(load(surroundings, options)), ({ message }) => message)

const config = (...settings: ReadonlyArray<string>) => `[default]\n${settings.join("\n")}\n`

// Each setting with its sources, and its value
const settings = [
  {
    name: "region",
    variable: "AWS_REGION",
    key: "region",
    explicit: "eu-west-1",
    inEnvironment: ["eu-west-2", "eu-west-2"],
    inProfile: ["eu-west-3", "eu-west-3"]
  },
  {
    name: "endpoint",
    variable: "AWS_ENDPOINT_URL",
    key: "endpoint_url",
    explicit: "https://a.example",
    inEnvironment: ["https://b.example", "https://b.example"],
    inProfile: ["https://c.example", "https://c.example"]
  },
  {
    name: "useFips",
    variable: "AWS_USE_FIPS_ENDPOINT",
    key: "use_fips_endpoint",
    explicit: false,
    inEnvironment: ["true", true],
    inProfile: ["FALSE", false]
  },
  {
    name: "useDualStack",
    variable: "AWS_USE_DUALSTACK_ENDPOINT",
    key: "use_dualstack_endpoint",
    explicit: true,
    inEnvironment: ["False", false],
    inProfile: ["true", true]
  },
  {
    name: "appId",
    variable: "AWS_SDK_UA_APP_ID",
    key: "sdk_ua_app_id",
    explicit: "one",
    inEnvironment: ["two", "two"],
    inProfile: ["three", "three"]
  }
] as const

describe("ClientConfig.load", () => {
  it.effect("sets only the standard retry policy if nothing is configured", () =>
    Effect.gen(function* () {
      const { retryPolicy, ...rest } = yield* load({})
      assert.strictEqual(retryPolicy?.maxAttempts, 3)
      assert.deepStrictEqual(Object.values(rest), Array(5).fill(undefined))
    })
  )

  it.effect("keeps the options that only a program can set", () =>
    Effect.gen(function* () {
      const options = {
        allowInsecureEndpoint: true,
        attemptTimeout: "1 second",
        operationTimeout: "2 seconds"
      } as const
      assert.deepInclude(yield* load({}, options), options)
    })
  )

  describe.each(settings)("$name", ({ explicit, inEnvironment, inProfile, key, name, variable }) => {
    const file = config(`${key} = ${inProfile[0]}`)
    const env = { [variable]: inEnvironment[0] }

    it.effect.each([
      ["the option, above all", { env, config: file }, { [name]: explicit }, explicit],
      ["the environment, above the profile", { env, config: file }, {}, inEnvironment[1]],
      ["the profile, above the default", { config: file }, {}, inProfile[1]],
      ["the profile, where the environment is empty", { env: { [variable]: "" }, config: file }, {}, inProfile[1]],
      ["the profile, where the environment is blank", { env: { [variable]: "  " }, config: file }, {}, inProfile[1]],
      ["nothing, where all are empty", { env: { [variable]: "" }, config: config(`${key} =`) }, {}, undefined],
      ["what stands between blanks", { env: { [variable]: ` ${inEnvironment[0]} ` } }, {}, inEnvironment[1]]
    ] as const)("is taken from %s", ([, surroundings, options, value]) =>
      Effect.gen(function* () {
        assert.strictEqual((yield* load(surroundings, options))[name], value)
      })
    )
  })

  const attempts = (surroundings: Machine.Surroundings, options?: Options) =>
    Effect.map(load(surroundings, options), ({ retryPolicy }) => retryPolicy?.maxAttempts)

  it.effect(
    "reads the maximum number of attempts from the option, the environment and the profile, in this order",
    () =>
      Effect.gen(function* () {
        const file = config("max_attempts = 7")
        const env = { AWS_MAX_ATTEMPTS: "5" }
        assert.strictEqual(yield* attempts({ env, config: file }, { retryPolicy: RetryPolicy.none }), 1)
        assert.strictEqual(yield* attempts({ env, config: file }), 5)
        assert.strictEqual(yield* attempts({ config: file }), 7)
        assert.strictEqual(yield* attempts({ env: { AWS_MAX_ATTEMPTS: "" }, config: file }), 7)
        assert.strictEqual(yield* attempts({ env: { AWS_MAX_ATTEMPTS: "007" } }), 7)
      })
  )

  it.effect.each(["standard", "adaptive", "legacy", "STANDARD"])(
    "uses the standard policy for the retry mode %s",
    (mode) =>
      Effect.gen(function* () {
        assert.strictEqual(yield* attempts({ env: { AWS_RETRY_MODE: mode } }), 3)
      })
  )

  it.effect.each([
    ["AWS_MAX_ATTEMPTS", "many", 'AWS_MAX_ATTEMPTS must be a positive integer, got "many"'],
    ["AWS_MAX_ATTEMPTS", "0", 'AWS_MAX_ATTEMPTS must be a positive integer, got "0"'],
    ["AWS_MAX_ATTEMPTS", "-1", 'AWS_MAX_ATTEMPTS must be a positive integer, got "-1"'],
    ["AWS_MAX_ATTEMPTS", "2.5", 'AWS_MAX_ATTEMPTS must be a positive integer, got "2.5"'],
    ["AWS_MAX_ATTEMPTS", "3x", 'AWS_MAX_ATTEMPTS must be a positive integer, got "3x"'],
    ["AWS_RETRY_MODE", "eager", 'AWS_RETRY_MODE must be standard, adaptive or legacy, got "eager"'],
    ["AWS_REGION", "us east 1", 'AWS_REGION: "us east 1" is not a region'],
    ["AWS_REGION", "fips-us-east-1", 'AWS_REGION: "fips-us-east-1" is a FIPS endpoint'],
    ["AWS_ENDPOINT_URL", "nowhere", "AWS_ENDPOINT_URL: the custom endpoint is not an absolute http(s) URL"],
    ["AWS_ENDPOINT_URL_SSO_OIDC", "ftp://a", "AWS_ENDPOINT_URL_SSO_OIDC: the custom endpoint is not an absolute"],
    ["AWS_ENDPOINT_URL", "http://a.example", "AWS_ENDPOINT_URL: the custom endpoint would receive secrets unencrypted"],
    ["AWS_SDK_UA_APP_ID", "my tool", "AWS_SDK_UA_APP_ID must be up to 50 letters, digits and any of"],
    ["AWS_SDK_UA_APP_ID", "x".repeat(51), "AWS_SDK_UA_APP_ID must be up to 50 letters"]
  ] as const)("fails for %s = %s, and names the variable", ([variable, value, message]) =>
    Effect.gen(function* () {
      assert.include(yield* messageOf({ env: { [variable]: value } }), message)
    })
  )

  it.effect.each([
    ["max_attempts = many", 'max_attempts of profile default must be a positive integer, got "many"'],
    ["retry_mode = eager", "retry_mode of profile default must be standard, adaptive or legacy"],
    ["region = us_east_1", 'region of profile default: "us_east_1" is not a region'],
    ["endpoint_url = nowhere", "endpoint_url of profile default: the custom endpoint"],
    ["sdk_ua_app_id = my tool", "sdk_ua_app_id of profile default must be"],
    ["services = mine", "services of profile default names [services mine], which does not exist"]
  ] as const)("fails for %s, and names the profile", ([setting, message]) =>
    Effect.gen(function* () {
      assert.include(yield* messageOf({ config: config(setting) }), message)
    })
  )

  it.effect.each([
    { env: { AWS_USE_FIPS_ENDPOINT: "yes" }, origin: "AWS_USE_FIPS_ENDPOINT", value: "yes" },
    { env: { AWS_USE_DUALSTACK_ENDPOINT: "1" }, origin: "AWS_USE_DUALSTACK_ENDPOINT", value: "1" },
    {
      env: { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "no" },
      origin: "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
      value: "no"
    },
    { config: config("use_fips_endpoint = Yes"), origin: "use_fips_endpoint of profile default", value: "Yes" },
    { config: config("use_dualstack_endpoint = on"), origin: "use_dualstack_endpoint of profile default", value: "on" },
    {
      config: config("ignore_configured_endpoint_urls = constructor"),
      origin: "ignore_configured_endpoint_urls of profile default",
      value: "constructor"
    }
  ])("reads $origin = $value as false, and warns once", ({ origin, value, ...surroundings }) => {
    const warnings: Array<unknown> = []
    const logger = Logger.make(({ message }) => void warnings.push(message))
    return Effect.gen(function* () {
      const { useDualStack, useFips } = yield* load(surroundings)
      yield* load(surroundings)
      assert.isFalse(useDualStack ?? false)
      assert.isFalse(useFips ?? false)
      assert.lengthOf(warnings, 1)
      assert.include(String(warnings[0]), `${origin} must be true or false`)
      assert.include(String(warnings[0]), JSON.stringify(value))
    }).pipe(Effect.provide(Logger.layer([logger])), Effect.provideService(ConfigWarning.Logged, new Set()))
  })

  it.effect("uses a custom endpoint even if the environment or the profile asks for FIPS or dual-stack", () =>
    Effect.gen(function* () {
      const env = { AWS_ENDPOINT_URL: "https://a.example", AWS_USE_FIPS_ENDPOINT: "true" }
      const { endpoint, useDualStack, useFips } = yield* load({ env, config: config("use_dualstack_endpoint = true") })
      assert.deepStrictEqual(
        { endpoint, useDualStack, useFips },
        {
          endpoint: "https://a.example",
          useDualStack: undefined,
          useFips: undefined
        }
      )
    })
  )

  it.effect("does not show the password of an invalid endpoint", () =>
    Effect.gen(function* () {
      for (const endpoint of ["https://me:keep-this@a.example", "https:me:keep-this@a", "keep-this"]) {
        assert.notInclude(yield* messageOf({ env: { AWS_ENDPOINT_URL: endpoint } }), "keep-this")
      }
    })
  )

  it.effect("does not check a setting that another one overrides", () =>
    Effect.gen(function* () {
      const env = {
        AWS_REGION: "no region",
        AWS_ENDPOINT_URL: "no url",
        AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "perhaps",
        AWS_USE_FIPS_ENDPOINT: "perhaps",
        AWS_USE_DUALSTACK_ENDPOINT: "perhaps",
        AWS_MAX_ATTEMPTS: "perhaps",
        AWS_RETRY_MODE: "perhaps",
        AWS_SDK_UA_APP_ID: "no app"
      }
      const options = {
        region: "eu-west-1",
        endpoint: "https://a.example",
        useFips: false,
        useDualStack: false,
        retryPolicy: RetryPolicy.none,
        appId: "one"
      }
      assert.deepStrictEqual(yield* load({ env }, options), options)
      assert.strictEqual(
        (yield* load({ env: { AWS_REGION: "eu-west-1" }, config: config("region = no region") })).region,
        "eu-west-1"
      )
    })
  )
})

describe("The endpoint", () => {
  const file = `${config("services = mine", "endpoint_url = https://profile.example")}
[services mine]
sso_oidc =
  endpoint_url = https://oidc.services.example
sso =
  endpoint_url = https://portal.services.example
`
  const both = {
    AWS_ENDPOINT_URL_SSO_OIDC: "https://oidc.example",
    AWS_ENDPOINT_URL_SSO: "https://portal.example",
    AWS_ENDPOINT_URL: "https://all.example"
  }

  it.effect.each([
    ["sso_oidc", { env: both, config: file }, "https://oidc.example"],
    ["sso", { env: both, config: file }, "https://portal.example"],
    ["sso_oidc", { env: { AWS_ENDPOINT_URL: "https://all.example" }, config: file }, "https://all.example"],
    ["sso_oidc", { config: file }, "https://oidc.services.example"],
    ["sso", { config: file }, "https://portal.services.example"],
    ["sso", { config: file.replace("services = mine", "") }, "https://profile.example"],
    ["sso", { config: file.replace("sso =", "s3 =") }, "https://profile.example"],
    ["sso_oidc", { env: { AWS_ENDPOINT_URL_SSO_OIDC: "" }, config: file }, "https://oidc.services.example"],
    ["sso_oidc", { env: { ...both, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" }, config: file }, undefined],
    ["sso_oidc", { config: file.replace("services", "ignore_configured_endpoint_urls = true\nservices") }, undefined],
    [
      "sso_oidc",
      {
        env: { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "false" },
        config: file.replace("services", "ignore_configured_endpoint_urls = true\nservices")
      },
      "https://oidc.services.example"
    ]
  ] as const)("of %s comes from the first source that has it (%#)", ([service, surroundings, endpoint]) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* load(surroundings, {}, service)).endpoint, endpoint)
    })
  )

  it.effect("of the options is used even if configured endpoints are ignored", () =>
    Effect.gen(function* () {
      const env = { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" }
      assert.strictEqual((yield* load({ env }, { endpoint: "https://a.example" })).endpoint, "https://a.example")
    })
  )

  it.effect("can be plain http with allowInsecureEndpoint", () =>
    Effect.gen(function* () {
      const env = { AWS_ENDPOINT_URL: "http://a.example" }
      assert.strictEqual((yield* load({ env }, { allowInsecureEndpoint: true })).endpoint, env.AWS_ENDPOINT_URL)
    })
  )
})

describe("The profile", () => {
  const file = "[default]\nregion = eu-west-1\n[profile work]\nregion = eu-west-2\n[profile home]\nregion = eu-west-3\n"
  const region = (surroundings: Machine.Surroundings, options?: Options) =>
    Effect.map(load({ config: file, ...surroundings }, options), ({ region }) => region)

  it.effect("is the option, AWS_PROFILE or default", () =>
    Effect.gen(function* () {
      const env = { AWS_PROFILE: "work" }
      assert.strictEqual(yield* region({ env }, { profile: "home" }), "eu-west-3")
      assert.strictEqual(yield* region({ env }), "eu-west-2")
      assert.strictEqual(yield* region({ env: { AWS_PROFILE: "" } }), "eu-west-1")
      assert.strictEqual(yield* region({}), "eu-west-1")
    })
  )

  it.effect("sets nothing if it does not exist", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* region({ env: { AWS_PROFILE: "constructor" } }))
      assert.isUndefined(yield* region({}, { profile: "nobody" }))
    })
  )

  it.effect("is named in the error of an invalid setting", () =>
    Effect.gen(function* () {
      const broken = "[profile work]\nmax_attempts = many\n"
      assert.include(yield* messageOf({ config: broken }, { profile: "work" }), "max_attempts of profile work must be")
    })
  )

  it.effect("fails if the syntax of its file is invalid", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(load({ config: "[default\n" }))
      assert.strictEqual(error._tag, "ConfigParseError")
    })
  )
})

describe("ClientConfig.load, with any environment and profile,", () => {
  it.effect.prop(
    "gives settings or fails with a typed error",
    [
      Schema.Record(Schema.Literals(settings.map(({ variable }) => variable)), Schema.String),
      Schema.Record(Schema.Literals(settings.map(({ key }) => key)), Schema.String)
    ],
    ([env, profile]) =>
      load({ env, config: config(...Object.entries(profile).map(([key, value]) => `${key} = ${value}`)) }).pipe(
        Effect.ignore
      )
  )
})

describe("SsoOidc.layerAws", () => {
  const register = SsoOidc.registerClient({ clientName: "my-tool", clientType: "public" })
  const requests = Effect.flatMap(ScriptedHttp.Log, ({ requests }) => requests)

  const service = (surroundings: Machine.Surroundings, options?: Options, response?: ScriptedHttp.ScriptedResponse) =>
    SsoOidc.layerAws(options).pipe(
      Layer.provide(Machine.layer(surroundings)),
      Layer.provideMerge(
        ScriptedHttp.layer(() => response ?? ScriptedHttp.json(200, { clientId: "a", clientSecret: "b" }))
      )
    )

  it.effect("uses the settings of the environment and the profile", () =>
    Effect.gen(function* () {
      yield* register
      const [request] = yield* requests
      assert.strictEqual(request?.url, "https://oidc-fips.eu-west-1.amazonaws.com/client/register")
      assert.match(request?.headers["user-agent"] ?? "", / app\/my-tool$/)
    }).pipe(
      Effect.provide(
        service({
          env: { AWS_PROFILE: "work", AWS_SDK_UA_APP_ID: "my-tool" },
          config: "[profile work]\nregion = eu-west-1\nuse_fips_endpoint = true\n"
        })
      )
    )
  )

  it.effect("makes as many attempts as AWS_MAX_ATTEMPTS says", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Effect.flip(register))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "UnhandledServiceError")
      assert.lengthOf(yield* requests, 5)
    }).pipe(
      Effect.provide(service({ env: { AWS_MAX_ATTEMPTS: "5", AWS_REGION: "eu-west-1" } }, undefined, { status: 503 }))
    )
  )

  it.effect("keeps the path of a custom endpoint", () =>
    Effect.gen(function* () {
      yield* register
      assert.strictEqual((yield* requests)[0]?.url, "http://localhost:4566/base/client/register")
    }).pipe(Effect.provide(service({ env: { AWS_ENDPOINT_URL: "http://localhost:4566/base/" } })))
  )

  it.effect.each([
    [{}, undefined, "the region is missing"],
    [{ env: { AWS_REGION: "eu west 1" } }, undefined, "AWS_REGION"],
    [{ env: { AWS_REGION: "eu-west-1" } }, { appId: "my tool" }, "appId must be"],
    [{ env: { AWS_ENDPOINT_URL: "https://a.example" } }, { useFips: true }, "cannot be combined with FIPS"]
  ] as const)(
    "fails without a request if a setting is invalid or the region is missing (%#)",
    ([surroundings, options, message]) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Effect.provide(register, service(surroundings, options)))
        assert.include(error.message, message)
      })
  )
})
