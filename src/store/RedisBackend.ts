/**
 * Entries in Redis, with leases that hold between all hosts that share it.
 *
 * **Details**
 *
 * An entry has three keys, which a cluster keeps on one node: `effect-aws-sso/token/{id}` holds its text, that name
 * with `/lease` holds the random token of the holder of its lease, and that name with `/fence` holds two numbers. Each
 * lease gets a number that is higher than all before it (`given`), and the entry remembers the number of its last write
 * (`written`). A write under a lost lease has a lower number than the later writes of other processes, and is refused.
 * A write under a lease is also refused after a sign-in or sign-out without a lease. But a process that has lost its
 * lease may write as long as no other process has written: it may have the only refresh token that is still valid.
 *
 * A lease has a time to live by the clock of Redis, and its holder extends it: a process that died, or was suspended
 * for longer, has lost it. Each step is one script, which Redis runs atomically.
 *
 * The backend cannot protect against data that Redis loses. A replica that takes over can lack a lease or a token that
 * the primary had confirmed. So can a server that restarts without an append-only file that is flushed at each write.
 *
 * Source: Redis documentation, "Distributed Locks with Redis", "Keys and values" (hash tags).
 */
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redis from "effect/persistence/Redis"
import * as Predicate from "effect/Predicate"
import { systemCode } from "../wire/SystemCode.ts"
import * as LeaseTimes from "./Lease.ts"
import * as LocalLeases from "./LocalLeases.ts"
import type { EntryKey, RedisStoreOptions, SsoStoreBackend } from "./SsoStore.ts"
import { type StoreError, type StoreUnavailable, storeUnavailable } from "./StoreError.ts"

/** A client that has lost its connection may queue commands until it has another one. */
const responseTimeout = Duration.seconds(5)

const leaseOf = (key: string): string => `${key}/lease`
const fenceOf = (key: string): string => `${key}/fence`

const acquire = Redis.script(
  (key: string, token: string, timeToLive: number) => [leaseOf(key), fenceOf(key), token, timeToLive],
  {
    numberOfKeys: 2,
    lua: `
      if not redis.call("SET", KEYS[1], ARGV[1], "NX", "PX", ARGV[2]) then return 0 end
      return redis.call("HINCRBY", KEYS[2], "given", 1)
    `
  }
).withReturnType<number>()

const extend = Redis.script((key: string, token: string, timeToLive: number) => [leaseOf(key), token, timeToLive], {
  numberOfKeys: 1,
  lua: `
    if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("PEXPIRE", KEYS[1], ARGV[2]) end
    return 0
  `
}).withReturnType<number>()

const release = Redis.script((key: string, token: string) => [leaseOf(key), token], {
  numberOfKeys: 1,
  lua: `
    if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end
    return 0
  `
}).withReturnType<number>()

// The number of the lease under which a change is made, or a new number for a change without a lease
const numbers = `
  local written = tonumber(redis.call("HGET", KEYS[2], "written") or 0)
  local given = math.max(tonumber(redis.call("HGET", KEYS[2], "given") or 0), written)
  local number = tonumber(ARGV[1])
  if number == 0 then number = given + 1 end
`

// A Redis that has lost its data gives low numbers, until a holder from before writes with a high one
const remember = `
  redis.call("HSET", KEYS[2], "given", math.max(given, number), "written", number)
`

const write = Redis.script((key: string, number: number, text: string) => [key, fenceOf(key), number, text], {
  numberOfKeys: 2,
  lua: `
    ${numbers}
    if number < written then return 0 end
    ${remember}
    redis.call("SET", KEYS[1], ARGV[2])
    return 1
  `
}).withReturnType<number>()

// The removal comes first: it makes room for the numbers, and a full Redis lets a script finish that has begun to write
const remove = Redis.script((key: string, number: number) => [key, fenceOf(key), number], {
  numberOfKeys: 2,
  lua: `
    ${numbers}
    if number < written then number = given + 1 end
    local removed = redis.call("DEL", KEYS[1])
    ${remember}
    return removed
  `
}).withReturnType<number>()

// As large as the largest token
const tryWrite = Redis.script((key: string) => [`${key}/probe`], {
  numberOfKeys: 1,
  lua: `
    redis.call("SET", KEYS[1], string.rep(" ", 16384))
    return redis.call("DEL", KEYS[1])
  `
}).withReturnType<number>()

/**
 * Makes the backend.
 *
 * **Details**
 *
 * Fails with `StoreUnavailable` when Redis does not respond within 5 seconds, or when a lease is not acquired within
 * 60 seconds.
 */
export const make = Effect.fnUntraced(function* (
  options?: RedisStoreOptions
): Effect.fn.Return<SsoStoreBackend, never, Redis.Redis> {
  const redis = yield* Redis.Redis
  const leases = yield* LocalLeases.make
  const times = LeaseTimes.times({ timeToLive: options?.leaseTimeToLive })
  const timeToLive = Math.ceil(Duration.toMillis(times.timeToLive))
  const prefix = options?.prefix ?? "effect-aws-sso/"
  const keyOf = ({ id, kind }: EntryKey): string => `${prefix}${kind}/{${id}}`

  /** The numbers of the leases that this process holds. */
  const held = new Map<string, number>()
  const numberOf = (key: string): number => held.get(key) ?? 0

  const call =
    (action: StoreUnavailable["action"], key: string) =>
    <A>(effect: Effect.Effect<A, Redis.RedisError>): Effect.Effect<A, StoreError> =>
      effect.pipe(
        Effect.mapError((error) => storeUnavailable(key, action, describe(error))),
        Effect.timeoutOrElse({
          duration: responseTimeout,
          orElse: () =>
            Effect.fail(
              storeUnavailable(key, action, `Redis did not respond within ${Duration.format(responseTimeout)}`)
            )
        })
      )

  const acquireLease = Effect.fnUntraced(function* (key: string) {
    const token = SecureRandom.uuidV4Unsafe()
    const releaseLease = Effect.suspend(() => {
      held.delete(key)
      return Effect.ignore(call("lease", key)(redis.eval(release)(key, token)))
    })
    const tryAcquire = call("lease", key)(redis.eval(acquire)(key, token, timeToLive))
    yield* Effect.gen(function* () {
      yield* leases.acquire(key)
      // Redis can have granted the lease to a caller that no longer waits for the response
      yield* Effect.addFinalizer(() => releaseLease)
      const number = yield* Effect.repeat(
        Effect.tap(tryAcquire, (number) => (number === 0 ? LeaseTimes.awaitNextPoll(key) : Effect.void)),
        { until: (number) => number !== 0 }
      )
      held.set(key, number)
    }).pipe(LeaseTimes.withAcquireTimeout(key))
    const extendLease = call("lease", key)(redis.eval(extend)(key, token, timeToLive))
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(extendLease), times.extend))
    return {
      isHeld: call(
        "lease",
        key
      )(redis.send<string | null>("GET", leaseOf(key))).pipe(
        Effect.map((holder) => holder === token),
        Effect.orElseSucceed(() => false)
      )
    }
  })

  const set = Effect.fnUntraced(function* (key: string, text: string) {
    const accepted = yield* call("write", key)(redis.eval(write)(key, numberOf(key), text))
    if (accepted === 0) {
      return yield* storeUnavailable(key, "write", "the lease was lost, and another process has written since")
    }
  })

  const get = (key: string) =>
    Effect.map(call("read", key)(redis.send<string | null>("GET", key)), (text) => text ?? undefined)

  return {
    locate: keyOf,
    acquireLease: (key) => acquireLease(keyOf(key)),
    get: (key) => get(keyOf(key)),
    set: (key, text) => set(keyOf(key), text),
    ensureWritable: (key) => Effect.asVoid(call("write", keyOf(key))(redis.eval(tryWrite)(keyOf(key)))),
    remove: (key) =>
      Effect.suspend(() =>
        Effect.asVoid(call("remove", keyOf(key))(redis.eval(remove)(keyOf(key), numberOf(keyOf(key)))))
      )
  }
})

/** Why Redis did not respond, without anything that was sent. */
const describe = (error: Redis.RedisError): string =>
  systemCode(error) ?? kindOf(error.cause) ?? "Redis cannot be reached"

// The first word of an error reply is its kind, such as READONLY. The rest can repeat the command
const kindOf = (cause: unknown): string | undefined =>
  Predicate.isError(cause) ? /^[A-Z]{2,}(?= |$)/.exec(cause.message)?.[0] : undefined
