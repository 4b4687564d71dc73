/**
 * Times as the services send them: whole numbers of seconds or milliseconds.
 *
 * Programs get a `Duration` or a `DateTime.Utc`, so that no unit has to be remembered. A number out of range is a
 * decode error, so that every date that is decoded can also be written to a file. Encoding drops fractions.
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"

// The AWS models use a 32-bit integer
const maxSeconds = 2 ** 31 - 1

// The end of the year 9999: RFC 3339 has four digits for the year
const maxEpochSeconds = 253_402_300_799

/** A number of seconds. */
export const DurationFromSeconds: Schema.Codec<Duration.Duration, number> = Schema.Int.check(
  Schema.isBetween({ minimum: 0, maximum: maxSeconds })
).pipe(
  Schema.decodeTo(Schema.Duration, {
    decode: SchemaGetter.transform(Duration.seconds),
    encode: SchemaGetter.transform((duration) => Math.floor(Duration.toSeconds(duration)))
  })
)

/**
 * How long a token is valid, in seconds. A number out of range counts as the longest lifetime: the request has used
 * the refresh token, so the new one in the response must not be lost because of this number.
 */
export const LifetimeFromSeconds: Schema.Codec<Duration.Duration, number> = Schema.Int.check(
  Schema.isGreaterThanOrEqualTo(0)
).pipe(
  Schema.decodeTo(Schema.Duration, {
    decode: SchemaGetter.transform((seconds) => Duration.seconds(Math.min(seconds, maxSeconds))),
    encode: SchemaGetter.transform((duration) => Math.floor(Duration.toSeconds(duration)))
  })
)

const EpochSeconds = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: maxEpochSeconds }))

const toEpochSeconds = (time: DateTime.Utc): number => Math.floor(DateTime.toEpochSeconds(time))

/** A point in time, in epoch seconds. */
export const DateTimeUtcFromSeconds: Schema.Codec<DateTime.Utc, number> = EpochSeconds.pipe(
  Schema.decodeTo(Schema.DateTimeUtc, {
    decode: SchemaGetter.transform(DateTime.fromEpochSeconds),
    encode: SchemaGetter.transform(toEpochSeconds)
  })
)

/**
 * When something expires, in epoch seconds. It is absent where it never expires, which is 0 on the wire (RFC 7591
 * §3.2.1).
 */
export const ExpiryFromSeconds = Schema.optionalKey(EpochSeconds).pipe(
  Schema.decodeTo(Schema.optionalKey(Schema.DateTimeUtc), {
    decode: SchemaGetter.transformOptional((seconds) =>
      seconds.pipe(
        Option.filter((seconds) => seconds !== 0),
        Option.map(DateTime.fromEpochSeconds)
      )
    ),
    encode: SchemaGetter.transformOptional(Option.map(toEpochSeconds))
  })
)

/** A point in time, in epoch milliseconds. */
export const DateTimeUtcFromMillis: Schema.Codec<DateTime.Utc, number> = Schema.Int.check(
  Schema.isBetween({ minimum: 0, maximum: maxEpochSeconds * 1000 + 999 })
).pipe(
  Schema.decodeTo(Schema.DateTimeUtc, {
    decode: SchemaGetter.transform(DateTime.makeUnsafe),
    encode: SchemaGetter.transform(DateTime.toEpochMillis)
  })
)
