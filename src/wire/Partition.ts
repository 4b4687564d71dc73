/**
 * The partitions of AWS: the names of their regions, and the domains of their endpoints.
 *
 * A test compares them with the table of the official client, so that it fails where AWS adds a partition, or a region
 * that no pattern matches.
 *
 * Source: the `partitions.json` of the AWS SDKs; AWS General Reference, "AWS service endpoints".
 */

/** A group of regions that shares domains, accounts and credentials with no other group. */
export interface Partition {
  /** The name of the partition in ARNs. */
  readonly name: string
  /** Matches the names of its regions. */
  readonly pattern: RegExp
  /** The domain of endpoints that support only IPv4. */
  readonly dnsSuffix: string
  /** The domain of endpoints that support IPv4 and IPv6. */
  readonly dualStackDnsSuffix: string
}

const aws: Partition = {
  name: "aws",
  pattern: /^(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/,
  dnsSuffix: "amazonaws.com",
  dualStackDnsSuffix: "api.aws"
}

/** All partitions that the official clients know. */
export const partitions: ReadonlyArray<Partition> = [
  aws,
  {
    name: "aws-cn",
    pattern: /^cn-\w+-\d+$/,
    dnsSuffix: "amazonaws.com.cn",
    dualStackDnsSuffix: "api.amazonwebservices.com.cn"
  },
  {
    name: "aws-eusc",
    pattern: /^eusc-(de)-\w+-\d+$/,
    dnsSuffix: "amazonaws.eu",
    dualStackDnsSuffix: "api.amazonwebservices.eu"
  },
  {
    name: "aws-iso",
    pattern: /^us-iso-\w+-\d+$/,
    dnsSuffix: "c2s.ic.gov",
    dualStackDnsSuffix: "api.aws.ic.gov"
  },
  {
    name: "aws-iso-b",
    pattern: /^us-isob-\w+-\d+$/,
    dnsSuffix: "sc2s.sgov.gov",
    dualStackDnsSuffix: "api.aws.scloud"
  },
  {
    name: "aws-iso-e",
    pattern: /^eu-isoe-\w+-\d+$/,
    dnsSuffix: "cloud.adc-e.uk",
    dualStackDnsSuffix: "api.cloud-aws.adc-e.uk"
  },
  {
    name: "aws-iso-f",
    pattern: /^us-isof-\w+-\d+$/,
    dnsSuffix: "csp.hci.ic.gov",
    dualStackDnsSuffix: "api.aws.hci.ic.gov"
  },
  {
    name: "aws-us-gov",
    pattern: /^us-gov-\w+-\d+$/,
    dnsSuffix: "amazonaws.com",
    dualStackDnsSuffix: "api.aws"
  }
]

/** The partition of a region. `aws` where no pattern matches. */
export const forRegion = (region: string): Partition =>
  // Services without regions use names such as `aws-cn-global`
  partitions.find(({ name, pattern }) => pattern.test(region) || region === `${name}-global`) ?? aws
