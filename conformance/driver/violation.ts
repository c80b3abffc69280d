/** A rule that the endpoint under test broke. What it sent after that has no meaning. */
export class Violation extends Error {
  override readonly name = 'Violation'
}
