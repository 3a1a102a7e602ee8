/** The least that Temporal can be asked for: begins and ends. */
export async function noOp(): Promise<void> {
  // Nothing to do: what it costs is what Temporal costs.
}
