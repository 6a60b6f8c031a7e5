export { GtidSet } from './gtid-set.ts';
export { GtidParseError } from './parse-gtid-set.ts';
