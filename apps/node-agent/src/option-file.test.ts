import { expect, test } from '@jest/globals';
import { quoteOptionValue, renderOptionFile } from './option-file.ts';

test('what MySQL would read differently is escaped within quotes', () => {
  expect(quoteOptionValue('plain')).toBe('"plain"');
  expect(quoteOptionValue(`a"b\\c'd#e\nf\tg`)).toBe(`"a\\"b\\\\c'd#e\\nf\\tg"`);
});

test('an option file has one section', () => {
  expect(renderOptionFile('client', { user: 'u', socket: '/s' })).toBe('[client]\nuser="u"\nsocket="/s"\n');
});
