/**
 * The partitions of AWS: which regions stand under which domain.
 *
 * **When to use**
 *
 * Use to learn the partition of a region. `Endpoint.resolve` does so by itself.
 *
 * **Details**
 *
 * A test compares the table with that of the official client, so that a new region or partition shows up there. A region
 * needs no entry to be found, since its name tells its partition; a partition does.
 *
 * Source: the `partitions.json` of the AWS SDKs; AWS General Reference, "AWS service endpoints".
 */

/** A group of regions with domains, accounts and credentials of their own. */
export interface Partition {
  /** The name, as ARNs carry it. */
  readonly name: string
  /** The regions known by name. Those that end in `-global` stand for services that have no region. */
  readonly regions: ReadonlyArray<string>
  /** What the names of its regions look like, those to come included. */
  readonly pattern: RegExp
  /** The domain of endpoints that answer over IPv4. */
  readonly dnsSuffix: string
  /** The domain of endpoints that answer over IPv4 and IPv6. */
  readonly dualStackDnsSuffix: string
  /** Whether it has endpoints with FIPS 140 validated cryptography. */
  readonly supportsFips: boolean
  /** Whether it has endpoints that answer over IPv6 too. */
  readonly supportsDualStack: boolean
}

const aws: Partition = {
  name: "aws",
  regions: [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "aws-global",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "me-west-1",
    "mx-central-1",
    "sa-east-1",
    "sa-west-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2"
  ],
  pattern: /^(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/,
  dnsSuffix: "amazonaws.com",
  dualStackDnsSuffix: "api.aws",
  supportsFips: true,
  supportsDualStack: true
}

/** Every partition that the official clients know. */
export const partitions: ReadonlyArray<Partition> = [
  aws,
  {
    name: "aws-cn",
    regions: ["aws-cn-global", "cn-north-1", "cn-northwest-1"],
    pattern: /^cn-\w+-\d+$/,
    dnsSuffix: "amazonaws.com.cn",
    dualStackDnsSuffix: "api.amazonwebservices.com.cn",
    supportsFips: true,
    supportsDualStack: true
  },
  {
    name: "aws-eusc",
    regions: ["eusc-de-east-1"],
    pattern: /^eusc-(de)-\w+-\d+$/,
    dnsSuffix: "amazonaws.eu",
    dualStackDnsSuffix: "api.amazonwebservices.eu",
    supportsFips: true,
    supportsDualStack: true
  },
  {
    name: "aws-iso",
    regions: ["aws-iso-global", "us-iso-east-1", "us-iso-west-1"],
    pattern: /^us-iso-\w+-\d+$/,
    dnsSuffix: "c2s.ic.gov",
    dualStackDnsSuffix: "api.aws.ic.gov",
    supportsFips: true,
    supportsDualStack: true
  },
  {
    name: "aws-iso-b",
    regions: ["aws-iso-b-global", "us-isob-east-1", "us-isob-west-1"],
    pattern: /^us-isob-\w+-\d+$/,
    dnsSuffix: "sc2s.sgov.gov",
    dualStackDnsSuffix: "api.aws.scloud",
    supportsFips: true,
    supportsDualStack: true
  },
  {
    name: "aws-iso-e",
    regions: ["aws-iso-e-global", "eu-isoe-west-1"],
    pattern: /^eu-isoe-\w+-\d+$/,
    dnsSuffix: "cloud.adc-e.uk",
    dualStackDnsSuffix: "api.cloud-aws.adc-e.uk",
    supportsFips: true,
    supportsDualStack: true
  },
  {
    name: "aws-iso-f",
    regions: ["aws-iso-f-global", "us-isof-east-1", "us-isof-south-1"],
    pattern: /^us-isof-\w+-\d+$/,
    dnsSuffix: "csp.hci.ic.gov",
    dualStackDnsSuffix: "api.aws.hci.ic.gov",
    supportsFips: true,
    supportsDualStack: true
  },
  {
    name: "aws-us-gov",
    regions: ["aws-us-gov-global", "us-gov-east-1", "us-gov-west-1"],
    pattern: /^us-gov-\w+-\d+$/,
    dnsSuffix: "amazonaws.com",
    dualStackDnsSuffix: "api.aws",
    supportsFips: true,
    supportsDualStack: true
  }
]

/** The partition of a region: the one that lists it, else the one whose regions look like it, else `aws`. */
export const forRegion = (region: string): Partition =>
  partitions.find((partition) => partition.regions.includes(region)) ??
  partitions.find((partition) => partition.pattern.test(region)) ??
  aws
