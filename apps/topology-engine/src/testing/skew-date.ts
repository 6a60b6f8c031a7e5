const dayMs = 86_400_000;

/** From now on SIGHUP sets the wall clock of this process forward by a day, the next one back by two, and so on. */
export function skewDate(): void {
  const RealDate = Date;
  let skewMs = 0;
  process.on('SIGHUP', () => {
    skewMs = skewMs > 0 ? -dayMs : dayMs;
  });
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given: ConstructorParameters<typeof Date> | []) =>
      given.length === 0 ? new target(RealDate.now() + skewMs) : new target(...given),
    get: (target, property) =>
      property === 'now' ? () => RealDate.now() + skewMs : (Reflect.get(target, property) as unknown),
  });
}
