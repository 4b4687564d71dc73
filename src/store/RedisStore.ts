/**
 * Entries in Redis, and locks that hold between all hosts that share it.
 *
 * **Details**
 *
 * An entry has three keys, which a cluster keeps together: `effect-aws-sso/{key}` is its text; with `/lock` at the end,
 * the random token of who holds its lock; with `/fence`, two numbers. Each lock that is given out gets a number higher
 * than all before it (`given`), and the entry remembers the number under which it was written last (`written`). A write
 * under a lock that was lost has a lower number than that of whoever has written since, and is refused; so is one under
 * a lock, after somebody without a lock has signed in or out. Who stood still and lost the lock to one that has written
 * nothing may write: it can have the only refresh token that works.
 *
 * A lock lasts 10 seconds by the clock of Redis, and its holder prolongs it all the time: one that died, or stood still
 * for that long, has lost it. Each step is one script, which Redis runs as a whole.
 *
 * What Redis itself forgets is gone: a replica that takes over can lack what the primary had confirmed, a lock or a
 * renewed token, and so can one that is started again without an append-only file that is flushed at each write.
 *
 * Source: Redis documentation, "Distributed Locks with Redis", "Keys and values" (hash tags).
 */
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redis from "effect/persistence/Redis"
import * as Predicate from "effect/Predicate"
import * as Semaphore from "effect/Semaphore"
import { systemCode } from "../wire/SystemCode.ts"
import { type StoreError, type StoreUnavailable, storeUnavailable } from "./StoreError.ts"
import * as KeyedSemaphores from "./KeyedSemaphores.ts"
import * as LockPolicy from "./Lease.ts"
import type { Store } from "./SsoStore.ts"

/** A client that has lost its connection can keep commands until it has another one. */
const answerTime = Duration.seconds(5)

const nameOf = (key: string): string => `effect-aws-sso/{${key}}`
const lockOf = (key: string): string => `${nameOf(key)}/lock`
const fenceOf = (key: string): string => `${nameOf(key)}/fence`

const takeLock = Redis.script(
  (key: string, token: string, silence: number) => [lockOf(key), fenceOf(key), token, silence],
  {
    numberOfKeys: 2,
    lua: `
      if not redis.call("SET", KEYS[1], ARGV[1], "NX", "PX", ARGV[2]) then return 0 end
      return redis.call("HINCRBY", KEYS[2], "given", 1)
    `
  }
).withReturnType<number>()

const prolongLock = Redis.script((key: string, token: string, silence: number) => [lockOf(key), token, silence], {
  numberOfKeys: 1,
  lua: `
    if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("PEXPIRE", KEYS[1], ARGV[2]) end
    return 0
  `
}).withReturnType<number>()

const releaseLock = Redis.script((key: string, token: string) => [lockOf(key), token], {
  numberOfKeys: 1,
  lua: `
    if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end
    return 0
  `
}).withReturnType<number>()

// The number of the lock under which a change is made, or a new one where it is made without
const numbers = `
  local written = tonumber(redis.call("HGET", KEYS[2], "written") or 0)
  local given = math.max(tonumber(redis.call("HGET", KEYS[2], "given") or 0), written)
  local number = tonumber(ARGV[1])
  if number == 0 then number = given + 1 end
`

// A Redis that has forgotten gives out low numbers, until somebody tells it of a high one
const remember = `
  redis.call("HSET", KEYS[2], "given", math.max(given, number), "written", number)
`

const writeEntry = Redis.script(
  (key: string, number: number, text: string) => [nameOf(key), fenceOf(key), number, text],
  {
    numberOfKeys: 2,
    lua: `
    ${numbers}
    if number < written then return 0 end
    ${remember}
    redis.call("SET", KEYS[1], ARGV[2])
    return 1
  `
  }
).withReturnType<number>()

// What is removed makes room for what must be remembered: a Redis that is full stops no script that has begun to write
const removeEntry = Redis.script((key: string, number: number) => [nameOf(key), fenceOf(key), number], {
  numberOfKeys: 2,
  lua: `
    ${numbers}
    if number < written then number = given + 1 end
    local removed = redis.call("DEL", KEYS[1])
    ${remember}
    return removed
  `
}).withReturnType<number>()

// As much as the largest token needs
const tryToWrite = Redis.script((key: string) => [`${nameOf(key)}/room`], {
  numberOfKeys: 1,
  lua: `
    redis.call("SET", KEYS[1], string.rep(" ", 16384))
    return redis.call("DEL", KEYS[1])
  `
}).withReturnType<number>()

/**
 * Opens the store.
 *
 * **Details**
 *
 * An answer that takes longer than 5 seconds is a `StoreError`, and so is a lock that is waited for longer than 60.
 */
export const make = (options?: LockPolicy.Options): Effect.Effect<Store, never, Redis.Redis> =>
  Effect.map(Redis.Redis, (redis) => {
    const { heartbeat, silence } = LockPolicy.make(options)
    const lifetime = Math.ceil(Duration.toMillis(silence))

    const semaphoreOf = KeyedSemaphores.makeUnsafe()
    /** The numbers of the locks that are held here. */
    const held = new Map<string, number>()
    const numberOf = (key: string): number => held.get(key) ?? 0

    const command =
      (action: StoreUnavailable["action"], key: string) =>
      <A>(effect: Effect.Effect<A, Redis.RedisError>): Effect.Effect<A, StoreError> => {
        const refuse = (description: string) => storeUnavailable(nameOf(key), action, description)
        return effect.pipe(
          Effect.mapError((error) => refuse(describe(error))),
          Effect.timeoutOrElse({
            duration: answerTime,
            orElse: () => Effect.fail(refuse(`Redis did not answer within ${Duration.format(answerTime)}`))
          })
        )
      }

    const lock: Store["lock"] = Effect.fnUntraced(function* (key) {
      const token = SecureRandom.uuidV4Unsafe()
      const release = Effect.suspend(() => {
        held.delete(key)
        return Effect.ignore(command("lease", key)(redis.eval(releaseLock)(key, token)))
      })
      const take = command("lease", key)(redis.eval(takeLock)(key, token, lifetime))
      yield* Effect.gen(function* () {
        yield* Semaphore.takeScoped(semaphoreOf(key), 1)
        // Redis can have given the lock to who does not wait for the answer any more
        yield* Effect.addFinalizer(() => release)
        const number = yield* Effect.repeat(
          Effect.tap(take, (number) => (number === 0 ? LockPolicy.pause : Effect.void)),
          { until: (number) => number !== 0 }
        )
        held.set(key, number)
      }).pipe(LockPolicy.withPatience(nameOf(key)))
      const prolong = command("lease", key)(redis.eval(prolongLock)(key, token, lifetime))
      yield* Effect.forkScoped(Effect.repeat(Effect.ignore(prolong), heartbeat))
      return {
        isHeld: command(
          "lease",
          key
        )(redis.send<string | null>("GET", lockOf(key))).pipe(
          Effect.map((holder) => holder === token),
          Effect.orElseSucceed(() => false)
        )
      }
    })

    return {
      // Other machines can have other sessions of the same name
      keyOf: ({ name, region, startUrl }) => [...(name === undefined ? [] : [name]), startUrl, region].join(" "),
      locate: (key) => Effect.succeed(nameOf(key)),
      lock,
      get: (key) =>
        Effect.map(command("read", key)(redis.send<string | null>("GET", nameOf(key))), (text) => text ?? undefined),
      set: Effect.fnUntraced(function* (key, text) {
        const accepted = yield* command("write", key)(redis.eval(writeEntry)(key, numberOf(key), text))
        if (accepted === 0) {
          return yield* storeUnavailable(
            nameOf(key),
            "write",
            "the lock was lost, and another process has written since"
          )
        }
      }),
      ensureWritable: (key) => Effect.asVoid(command("write", key)(redis.eval(tryToWrite)(key))),
      remove: (key) => Effect.asVoid(command("remove", key)(redis.eval(removeEntry)(key, numberOf(key))))
    }
  })

/** Why there is no answer, without any of what was sent. */
const describe = (error: Redis.RedisError): string =>
  systemCode(error) ?? kindOf(error.cause) ?? "Redis cannot be reached"

// The first word of an error reply is its kind, such as READONLY. The rest can repeat the command
const kindOf = (cause: unknown): string | undefined =>
  Predicate.isError(cause) ? /^[A-Z]{2,}(?= |$)/.exec(cause.message)?.[0] : undefined
