/** What an unknown thrown value says. By shape, not by class: an error may come from another realm (a vm context, a worker). */
export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
