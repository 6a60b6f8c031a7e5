import { describe } from '@jest/globals';
import { killedAtEveryStep } from './testing/killed-at-every-step.ts';

describe('an engine that is killed at any step of a switchover', () => {
  killedAtEveryStep('switchover');
});
