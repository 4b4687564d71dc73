/** The schedule of the device flow alone. */
export { schedule } from "effect-aws-sso/DeviceFlow"
