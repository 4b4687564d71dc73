/**
 * Points in time, as the files of the AWS tools have them.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"

// RFC 3339 §5.6, and what other tools write: `UTC` for `Z`, as botocore did until 2021, `+0000`, and no zone for UTC
const form = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}:\d{2}:\d{2}(?:\.\d+)?)(?:([+-]\d{2}):?(\d{2})|[Zz]|UTC)?$/

// The years 0000 to 9999: ISO 8601 writes other years with a sign and more digits, which RFC 3339 does not allow
const isWritable = (time: DateTime.Utc): boolean => /^\d/.test(DateTime.formatIso(time))

const parse = (text: string): Option.Option<DateTime.Utc> => {
  const [, year, month, day, time, hours, minutes] = form.exec(text) ?? []
  const zone = hours === undefined ? "Z" : `${hours}:${minutes}`
  const daysOfMonth = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  // `Date` reads the 30th of February as the 2nd of March
  return Number(day) <= daysOfMonth
    ? Option.filter(DateTime.make(`${year}-${month}-${day}T${time}${zone}`), isWritable)
    : Option.none()
}

/**
 * Reads any form of RFC 3339, `+0000`, and no zone as UTC. Writes whole seconds of UTC, which all AWS tools can read:
 * `2026-11-24T10:06:25Z`.
 */
export const Timestamp: Schema.decodeTo<Schema.DateTimeUtc, Schema.String> = Schema.String.pipe(
  Schema.decodeTo(
    Schema.DateTimeUtc,
    SchemaTransformation.transformEffect({
      decode: (text: string, options) =>
        Effect.mapError(
          Effect.fromOption(parse(text)),
          () => new SchemaIssue.InvalidValue({ expected: "an RFC 3339 timestamp" }, text, options)
        ),
      encode: (time, options) =>
        isWritable(time)
          ? Effect.succeed(DateTime.formatIso(time).replace(/\.\d{3}Z$/, "Z"))
          : Effect.fail(new SchemaIssue.InvalidValue({ expected: "a date of the years 0000 to 9999" }, time, options))
    })
  )
)
