/** The start URL of an AWS access portal. */
import * as Schema from "effect/Schema"

const isWebUrl = (value: string): boolean => /^https?:/i.test(value) && URL.canParse(value)

/**
 * An absolute `https` URL, or `http` for a local server. It is kept as it was written, since the name of the cache file
 * is a hash of it.
 */
export const StartUrl: typeof Schema.String = Schema.String.check(
  Schema.makeFilter(isWebUrl, {
    expected: "an absolute http(s) URL, such as https://example.awsapps.com/start",
    // For property tests: what to generate. The filter keeps the valid values
    arbitraryConstraint: { patterns: [{ source: "^https://[a-z0-9]{1,20}\\.awsapps\\.com/start$", flags: "" }] }
  })
)

/** Whether a text is such a URL. */
export const isStartUrl: (text: unknown) => text is string = Schema.is(StartUrl)
