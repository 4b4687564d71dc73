/**
 * The address of an AWS access portal, as people know it.
 */
import * as Schema from "effect/Schema"

const isWebUrl = (value: string): boolean => /^https?:/i.test(value) && URL.canParse(value)

/**
 * An absolute `https` (or, for a server of one's own, `http`) URL, kept as it was written, since the cache's file name
 * is made of its very characters.
 */
export const StartUrl: typeof Schema.String = Schema.String.check(
  Schema.makeFilter(isWebUrl, {
    expected: "an absolute http(s) URL, such as https://example.awsapps.com/start",
    // For property tests: where to look for values, of which the filter keeps the valid ones
    arbitraryConstraint: { patterns: [{ source: "^https://[a-z0-9]{1,20}\\.awsapps\\.com/start$", flags: "" }] }
  })
)
