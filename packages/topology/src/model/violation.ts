/** What must never happen has happened in the model. */
export class Violation extends Error {
  override readonly name = 'Violation';
}
