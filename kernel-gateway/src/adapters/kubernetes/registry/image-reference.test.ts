import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseImageReference } from './image-reference.js';

describe('parseImageReference', () => {
  it.each([
    ['registry.example:5000/team/lab:7', { host: 'registry.example:5000', name: 'team/lab', tag: '7' }],
    ['localhost/lab', { host: 'localhost', name: 'lab', tag: 'given' }],
    ['127.0.0.1:5000/lab', { host: '127.0.0.1:5000', name: 'lab', tag: 'given' }],
    ['node1:5000/a/b-c/d:v1.2_x', { host: 'node1:5000', name: 'a/b-c/d', tag: 'v1.2_x' }]
  ])('reads %s', (text, expected) => {
    expect(parseImageReference(text, 'given')).toEqual(expected);
  });

  it.each(['lab', 'team/lab', '/lab', 'localhost/', 'localhost/Lab', 'localhost/lab:', 'localhost/a//b', 'http://a/b'])(
    'refuses %s',
    text => {
      expect(() => parseImageReference(text, 'given')).toThrow(
        expect.objectContaining({ code: 'BPFLAB_CONFIG_OPTION' })
      );
    }
  );

  it('gives back what it reads, and nothing else is let through', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        try {
          const { host, name, tag } = parseImageReference(text, 'given');
          expect([`${host}/${name}:${tag}`, `${host}/${name}`]).toContain(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BPFLAB_CONFIG_OPTION' });
        }
      })
    );
  });
});
